"""What makes a fix unsafe: in-place changes, tracing, other effects of a module."""
