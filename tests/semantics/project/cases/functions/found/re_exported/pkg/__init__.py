from .ops import drop_add
