from . import layers


class Base(layers.Layer):
    pass
