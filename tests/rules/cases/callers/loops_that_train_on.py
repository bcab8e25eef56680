import torch
import torchvision
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.norm = nn.BatchNorm1d(4)

    def forward(self, x):
        return self.norm(self.fc(x))


def evaluate(net, batches):
    net.eval()
    with torch.no_grad():
        return sum(net(x).mean() for x in batches)


def check(batches, net=None):
    return evaluate(net, batches)


def by_a_function(batches):
    model = Net().cuda()
    optimizer = torch.optim.Adam(model.parameters())
    for epoch in range(3):  # expect: DRP102
        for x in batches:
            loss = model(x).mean()
            loss.backward()
            optimizer.step()
        if epoch % 2 == 0:
            check(batches, net=model)


def by_steps(batches):
    net = torchvision.models.resnet18()
    optimizer = torch.optim.Adam(net.parameters())
    for epoch in range(3):
        net.train()
        for step, x in enumerate(batches):  # expect: DRP102
            net(x).mean().backward()
            optimizer.step()
            if step % 100 == 99:
                net.eval()
                print(net(x))


def with_a_flag(batches):
    net = Net()
    optimizer = torch.optim.Adam(net.parameters())
    step = 0
    while step < 10:  # expect: DRP102
        net(batches[step]).mean().backward()
        optimizer.step()
        net.train(False)
        step += 1


def wrapped(batches):
    net = nn.DataParallel(Net())
    optimizer = torch.optim.Adam(net.parameters())
    net.train()
    for x in batches:  # expect: DRP102
        net(x).mean().backward()
        optimizer.step()
        net.module.eval()


def given(net, batches):
    optimizer = torch.optim.Adam(net.parameters())
    for x in batches:  # expect: DRP102
        net(x).mean().backward()
        optimizer.step()
        torch.save(net.state_dict(), "net.pt")
        evaluate(net, batches)


given(Net(), torch.ones(3, 2, 4))


class Trainer:
    def __init__(self, net):
        self.net = net
        self.optimizer = torch.optim.Adam(net.parameters())

    def run(self, batches):
        net = self.net
        net.train()
        for epoch in range(3):  # expect: DRP102
            for x in batches:
                net(x).mean().backward()
                self.optimizer.step()
            self.test(batches)

    def test(self, batches):
        model = self.net
        model.eval()
        return [model(x) for x in batches]


Trainer(Net()).run(torch.ones(3, 2, 4))

# The top level of a script, and functions that know the model by its global name.
model = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.1))
optimizer = torch.optim.Adam(model.parameters())


def step(x):
    model(x).mean().backward()
    optimizer.step()


def validate(x):
    model.eval()
    return model(x)


for x in torch.ones(3, 2, 4):  # expect: DRP102
    model(x).mean().backward()
    optimizer.step()
    validate(x)
