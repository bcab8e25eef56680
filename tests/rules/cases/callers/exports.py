import copy

import torch
import torchvision
from torch import nn
from torch.nn import functional as F
from torch.onnx import TrainingMode, export

x = torch.ones(1, 4)


class Net(nn.Module):
    def __init__(self, rate=0.5):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.drop = nn.Dropout(rate)

    def forward(self, x):
        return self.drop(self.fc(x))


class Derived(Net):
    pass


class Around(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Sequential(Net(), nn.ReLU())


class Functional(nn.Module):
    def forward(self, x):
        return F.dropout(x, training=self.training)


class Plain(nn.Module):
    def __init__(self, rate=0.0):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.drop = nn.Dropout(rate)
        self.off = nn.Dropout(0)
        self.norm = nn.LayerNorm(4)


class Frozen(Net):
    def __init__(self):
        super().__init__()
        self.eval()


def made():
    net = Derived()
    net.fc = nn.Linear(4, 4)
    return net


def moved():
    model = Net().to("cpu")
    model = model.double()
    model = nn.DataParallel(model)
    model.load_state_dict(torch.load("net.pt"))
    print(sum(p.numel() for p in model.parameters()))
    return torch.jit.trace(func=model, example_inputs=x)  # expect: DRP103


def others():
    torch.export.export(Around(), (x,))  # expect: DRP103
    torch.export.export(made(), (x,))  # expect: DRP103
    torch.jit.trace_module(Functional().cuda(), {"forward": x})  # expect: DRP103
    export(nn.Sequential(nn.BatchNorm1d(4)), x, "net.onnx")  # expect: DRP103
    torch.jit.trace(torchvision.models.vgg16(), x)  # expect: DRP103


def after_training(batches):
    model = Net()
    model.train()
    for batch in batches:
        model(batch).sum().backward()
    torch.onnx.export(model, x, "net.onnx", dynamo=True)  # expect: DRP103


def fine(model, writer, how):
    torch.jit.trace(model, x)
    torch.jit.trace(Net().eval(), x)
    torch.jit.trace(Net().train(False), x)
    torch.jit.trace(Plain(), x)
    torch.jit.trace(Frozen(), x)
    torch.export.export(torchvision.models.vit_b_16(), (x,))
    torch.jit.trace(lambda t: t, x)
    export(Net(), x, "net.onnx", training=TrainingMode.PRESERVE)
    export(Net(), x, "net.onnx", dynamo=how)
    export(Net(), x, "net.onnx", **how)
    writer.add_graph(torch.jit.trace(Net(), x))


def switched(flag):
    one = Net()
    one.train(flag)
    torch.jit.trace(one, x)
    two = Net()
    two.training = False
    torch.jit.trace(two, x)
    three = Net()
    for part in three.modules():
        part.eval()
    torch.jit.trace(three, x)
    four = Net()
    with torch.onnx.select_model_mode_for_export(four, TrainingMode.EVAL):
        torch.jit.trace(four, x)
    five = Net()
    same = five
    same.eval()
    torch.jit.trace(five, x)
    six = Net()
    six.apply(switch)
    torch.jit.trace(six, x)
    seven = copy.deepcopy(one)
    torch.jit.trace(seven, x)
    eight, nine = Net(), Net()
    nine.eval()
    torch.jit.trace(nine, x)
    torch.jit.trace(eight, x)  # expect: DRP103


def in_a_loop():
    model = Net()
    for rate in range(3):
        torch.jit.trace(model, x)
        model.eval()


def by_a_closure():
    model = Net()

    def ready():
        model.eval()

    ready()
    torch.jit.trace(model, x)


def quantised():
    model = Net()
    exported = torch.export.export(model, (x,)).module()
    return prepare_qat_pt2e(exported)


top = Net(rate=0.1)
torch.jit.trace(top, x)  # expect: DRP103
