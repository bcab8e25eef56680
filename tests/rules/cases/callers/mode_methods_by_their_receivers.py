import dataclasses

import torch

from project import Net, train as model
import project.model


@dataclasses.dataclass
class Plan:
    train: bool
    eval: bool


def of_modules(net, wrapped, runs, table):
    net.eval  # expect: DRP101
    wrapped.module.train  # expect: DRP101
    runs.discriminator.eval; runs.generator.train()  # expect: DRP101
    for thing in runs:
        thing.train
    other = Net()
    torch.optim.SGD(other.parameters(), 0.1)
    if torch.cuda.is_available(): other.train  # expect: DRP101
    table.eval
    plan = Plan(True, False)
    plan.train


def of_no_modules(args, cfg, table):
    model.eval
    model.train
    project.train
    cfg.model.train
    args.net.eval
    table.eval("a + b")
    model_plan = Plan(True, False)
    model_plan.eval
    return table.eval


m = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.Dropout(0.5))
m.eval  # expect: DRP101
k = len("abc")
k.eval
