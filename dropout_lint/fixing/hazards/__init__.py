"""Why a fix is unsafe.

``module_effects`` what modules and functions of torch do to their input
``local_calls``    the calls of a file, and the functions and modules of the file that they run
``tracing``        the data flow of one tensor in one function
``in_place``       whether the result of a drop may be changed in place
``guarded``        whether a condition guards drops only
``reasons``        all reasons why a fix of a site is unsafe
"""
