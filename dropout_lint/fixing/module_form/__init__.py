"""The module form of a fix: ``self.dropout = nn.Dropout(p)`` in ``__init__``, and its call.

``refusal``           why the form is not offered
``numbers``           whether an expression is a rate that ``nn.Dropout`` takes
``rates``             drop rates that have the same value in ``__init__`` as at the call
``equivalent_module`` the equivalent module of a call: class, rate and flags
``other_modules``     modules that a new child is surely not among
``children``          iterations over the children of a module that a new child would change
``far_bases``         bases in other files, and whether they take a new child
``constructor``       whether ``__init__`` can build the module, and at which statement
``existing``          modules of the class that a fix may use
``naming``            names for new modules
``to_module``         the fix itself
"""
