"""Why a fix is unsafe.

``container_items`` the statements by which lists and containers of a file grow
``built_modules``   the modules that an expression may be
``module_effects``  what modules and functions of torch do to their input
``local_calls``     the calls of a file, and the functions and modules of the file that they run
``call_effects``    what a call does to each of its arguments
``memory``          which tensors names and containers hold at one place of a function
``values``          what expressions hold, and what they change
``flow``            one function run in the order of its statements
``tracing``         the data flow of one tensor in a function, whatever the order
``in_place``        whether the result of a drop may be changed in place
``guarded``         whether a condition guards drops only
``kept_rates``      rates that are called a share to keep
``reasons``         all reasons why a fix of a site is unsafe
"""
