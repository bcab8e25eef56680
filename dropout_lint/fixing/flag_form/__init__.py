"""The flag form of a fix: ``F.dropout(x, p, training=self.training)``.

``to_flag``     fixes at the call site itself
``thread_mode`` a ``training`` parameter for the helper functions on the way to the call
"""
