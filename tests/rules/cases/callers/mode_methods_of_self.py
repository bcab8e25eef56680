from torch import nn


class Net(nn.Module):
    def predict(self, x):
        self.eval  # expect: DRP101
        return self(x)


class Loop(nn.Module):
    def train(self, batches, rate):
        return rate

    def fit(self):
        self.train
        self.eval


class Runner:
    def go(self):
        self.eval
        self.train
