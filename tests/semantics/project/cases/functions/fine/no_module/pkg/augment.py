from .ops import drop_add


class DropPixels:
    def __call__(self, x):
        return drop_add(x, x)
