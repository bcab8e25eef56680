"""The flag form of a fix: ``F.dropout(x, p, training=self.training)``.

``stored_rate`` the rate that a class stores
``to_flag``     fixes at the call site itself
``to_function`` a module that is built at its call becomes a call of the function
``thread_mode`` a ``training`` parameter for the helper functions on the way to the call
"""
