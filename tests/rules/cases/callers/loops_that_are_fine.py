import contextlib
from multiprocessing import Process

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel


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


def restores(net, batches):
    was = net.training
    net.eval()
    result = sum(net(x).mean() for x in batches)
    net.train(was)
    return result


@contextlib.contextmanager
def evaluating(net):
    net.eval()
    yield
    net.train()


def train_epoch(net, batches, optimizer):
    net.train()
    for x in batches:
        net(x).mean().backward()
        optimizer.step()


def other_objects(batches, evaluator):
    net = Net()
    ema = AveragedModel(net)
    optimizer = schedule_free(net.parameters())
    optimizer.train()
    net.train()
    for x in batches:
        net(x).mean().backward()
        optimizer.step()
        ema.update(net)
        ema.eval()
        optimizer.eval()
        evaluator.eval()


def on_purpose(batches):
    net = Net()
    net.eval()
    optimizer = torch.optim.Adam(net.parameters())
    for x in batches:
        net(x).mean().backward()
        optimizer.step()
        evaluate(net, batches)


def on_purpose_in_each_turn(batches):
    net = Net()
    optimizer = torch.optim.Adam(net.parameters())
    for x in batches:
        net.eval()
        net(x).mean().backward()
        optimizer.step()


def set_back(batches):
    net = Net()
    optimizer = torch.optim.Adam(net.parameters())
    for x in batches:
        net(x).mean().backward()
        optimizer.step()
        restores(net, batches)
        with evaluating(net):
            print(net(x))


def set_back_behind(batches, often):
    net = Net()
    optimizer = torch.optim.Adam(net.parameters())
    for step, x in enumerate(batches):
        net(x).mean().backward()
        optimizer.step()
        if step % often == 0:
            evaluate(net, batches)
            net.train()


def set_in_each_step(batches):
    net = Net()
    optimizer = torch.optim.Adam(net.parameters())
    for epoch in range(3):
        for x in batches:
            net.train()
            net(x).mean().backward()
            optimizer.step()
        evaluate(net, batches)


def set_by_a_function(batches):
    net = Net()
    optimizer = torch.optim.Adam(net.parameters())
    for epoch in range(3):
        train_epoch(net, batches, optimizer)
        evaluate(net, batches)


def phases(batches):
    net = Net()
    optimizer = torch.optim.Adam(net.parameters())
    for epoch in range(3):
        for phase in ("train", "val"):
            if phase == "train":
                net.train()
            else:
                net.eval()
            for x in batches:
                loss = net(x).mean()
                if phase == "train":
                    loss.backward()
                    optimizer.step()


def for_the_last_time(batches, epochs):
    net = Net()
    optimizer = torch.optim.Adam(net.parameters())
    for epoch in range(epochs):
        for x in batches:
            net(x).mean().backward()
            optimizer.step()
        if epoch == epochs - 1:
            evaluate(net, batches)


def leaving(batches, limit):
    net = Net()
    optimizer = torch.optim.Adam(net.parameters())
    for x in batches:
        loss = net(x).mean()
        loss.backward()
        optimizer.step()
        if loss < limit:
            evaluate(net, batches)
            break
        if loss > 100 * limit:
            net.eval()
            return net(x)
    return evaluate(net, batches)


def somewhere_else(batches):
    net = Net()
    optimizer = torch.optim.Adam(net.parameters())
    for x in batches:
        net(x).mean().backward()
        optimizer.step()
        Process(target=evaluate, args=(net, batches)).start()
        prepare(net)


def unknown_between(batches):
    net = Net()
    optimizer = torch.optim.Adam(net.parameters())
    for x in batches:
        net(x).mean().backward()
        optimizer.step()
        evaluate(net, batches)
        prepare(net)


def each_its_own(batches):
    for seed in range(3):
        net = Net()
        optimizer = torch.optim.Adam(net.parameters())
        for x in batches:
            net(x).mean().backward()
            optimizer.step()
        evaluate(net, batches)


def two_models(batches):
    teacher, student = Net(), Net()
    teacher.eval()
    generator, critic = Net(), Net()
    optimizer = torch.optim.Adam([*student.parameters(), *generator.parameters()])
    for x in batches:
        for net in (generator, critic):
            net.train()
        with torch.no_grad():
            target = teacher(x)
        (student(x) - target).mean().backward()
        critic(generator(x)).mean().backward()
        optimizer.step()
        generator.eval()
        teacher.eval()


def without_layers(batches):
    net = nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4))
    optimizer = torch.optim.Adam(net.parameters())
    for x in batches:
        net(x).mean().backward()
        optimizer.step()
        evaluate(net, batches)


class Looping(Net):
    def train(self, batches):
        optimizer = torch.optim.Adam(self.parameters())
        for x in batches:
            self(x).mean().backward()
            optimizer.step()
            self.eval()


class Trainer(Base):
    def __init__(self):
        self.net = Net()
        self.optimizer = torch.optim.Adam(self.net.parameters())

    def run(self, batches):
        for x in batches:
            self.net(x).mean().backward()
            self.optimizer.step()
            self.net.eval()
            self.after_step()


def of_libraries(batches, trainer, fabric):
    net = Net()
    for epoch in range(3):
        trainer.fit(net, batches)
        net.eval()
    net, optimizer = fabric.setup(net, torch.optim.Adam(net.parameters()))
    for x in batches:
        fabric.backward(net(x).mean())
        optimizer.step()
        net.eval()
        trainer.validate(net, batches)
