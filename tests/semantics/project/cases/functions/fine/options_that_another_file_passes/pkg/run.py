from .layer import Layer, Model


def predict(x):
    layer, model = Layer(), Model()
    return model(layer(x, drop_now=False), False)
