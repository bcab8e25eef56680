"""What a file does with the instances of its classes.

``nodes``          assignment targets, ``super()`` calls, the function and scope around a node
``computed_names`` how an attribute name that is computed at run time starts
``attributes``     every place that sets, deletes or mentions an attribute
``inheritance``    related classes, and the constructors that run when one of them is built
``receiver``       whether a method's instance can be reached at a node, and by which name
"""
