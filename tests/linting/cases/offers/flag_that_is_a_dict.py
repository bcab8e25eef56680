from torch import nn


def noise(x, training=True):
    return nn.Dropout(0.2).train(training)(x)  # expect: DRP002


class Head(nn.Module):
    def forward(self, x):
        return noise(x, training={})
