"""What is changed in place: the result of a drop, or another tensor that bears its name."""

from __future__ import annotations

import pytest
from fixing.test_wrong_fixes import assert_same_behaviour
from support.linting import run

from dropout_lint.config import Settings
from dropout_lint.diagnostics import Safety
from dropout_lint.files.source import Source
from dropout_lint.linting.pipeline import fix

HEAD = """\
import torch
import torch.nn.functional as F
from torch import nn


class Net(nn.Module):
    def __init__(self, act=None):
        super().__init__()
        self.fc = nn.Linear(8, 8)
        self.bn = nn.BatchNorm1d(8)
        self.relu = nn.ReLU(inplace=True)
        self.id = nn.Identity()
        self.act = act or nn.Identity()
        self.unknown = act
        self.seq = nn.Sequential(nn.Linear(8, 8), nn.ReLU(inplace=True))
        self.seq2 = nn.Sequential(nn.Identity(), nn.ReLU(inplace=True))
        self.layers = nn.ModuleList()
        self.norms = nn.ModuleList()
        for _ in range(2):
            self.layers.append(nn.Linear(8, 8))
            self.norms.append(nn.BatchNorm1d(8))
        self.mixed = nn.ModuleList()
        for _ in range(2):
            self.mixed.append(nn.Linear(8, 8))
            self.mixed.append(nn.Identity())
        layers = []
        for _ in range(2):
            layers.append(nn.Linear(8, 8))
            layers += [nn.ReLU(inplace=True)]
        self.grown = nn.Sequential(*layers)
        layers2 = [nn.ReLU(inplace=True)]
        layers2.append(nn.Linear(8, 8))
        self.grown2 = nn.Sequential(*layers2)
        layers3 = []
        layers3.append(nn.ReLU(True))
        self.grown3 = nn.Sequential(*layers3)
        self.fn = F.relu
        self.fn_ = torch.relu_
        self.wn = nn.utils.weight_norm(nn.Linear(8, 8))
        self.moved = nn.Linear(8, 8).to("cpu")

    def block(self, x):
        x = self.fc(x)
        return F.relu(x, inplace=True)

    def passing(self, x):
        if x.sum() > 0:
            x = self.fc(x)
        return x

    def hurting(self, x):
        x += 1
        return x

    def forward(self, x, c=False):
"""
ANOTHER_TENSOR = (
    """
        x = F.dropout(x, 0.5)
        x = self.fc(x)
        x = F.relu(x, inplace=True)
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = self.bn(x)
        x = self.relu(x)
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = x @ self.fc.weight
        x += 1
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = torch.matmul(x, self.fc.weight)
        x.add_(1)
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = F.linear(x, self.fc.weight)
        x.mul_(2)
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = torch.cat([x, x], 1)
        x += 1
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = x + 1
        x += 1
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = -x
        x += 1
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = self.act(x)
        x = x + 1
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = self.seq(x)
        return x
""",
    """
        x = F.dropout(x, 0.5)
        if c:
            x = self.fc(x)
        else:
            x = self.bn(x)
        x += 1
        return x
""",
    """
        for i in range(2):
            x = self.fc(x)
            x = F.relu(x, inplace=True)
            x = F.dropout(x, 0.5)
        return x
""",
    """
        for conv in self.layers:
            x = conv(x)
            x = F.relu(x, inplace=True)
            x = F.dropout(x, 0.5)
        return x
""",
    """
        for i, conv in enumerate(self.layers):
            x = conv(x)
            x = self.norms[i](x)
            x = F.relu_(x)
            x = F.dropout(x, 0.5)
        return x
""",
    """
        for conv, bn in zip(self.layers, self.norms):
            x = bn(conv(x))
            x = F.relu(x, True)
            x = F.dropout(x, 0.5)
        return x
""",
    """
        for i, (conv, bn) in enumerate(zip(self.layers, self.norms)):
            x = bn(conv(x))
            x = F.relu(x, True)
            x = F.dropout(x, 0.5)
        return x
""",
    """
        for conv in self.layers[:-1]:
            x = conv(x)
            x = F.relu(x, True)
            x = F.dropout(x, 0.5)
        x = self.layers[-1](x)
        x += 1
        return x
""",
    """
        x = F.dropout(x, 0.5)
        return self.grown(x)
""",
    """
        x = F.dropout(x, 0.5)
        x = self.fn(x)
        x += 1
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = self.wn(x)
        x += 1
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = self.moved(x)
        x += 1
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = self.block(x)
        x += 1
        return x
""",
    """
        x = F.dropout(x, 0.5)
        y = self.fc(x)
        y += 1
        return y
""",
    """
        r = x
        x = self.fc(x)
        x = F.dropout(x, 0.5)
        r += 1
        return x
""",
    """
        outs = []
        x = F.dropout(x, 0.5)
        outs.append(x)
        x = torch.cat(outs)
        x += 1
        return x
""",
    """
        outs = []
        x = F.dropout(x, 0.5)
        outs.append(self.fc(x))
        outs[0].add_(1)
        return outs[0]
""",
    """
        x = F.dropout(x, 0.5)
        x, y = self.fc(x), x
        x += 1
        return y
""",
    """
        x = F.dropout(x, 0.5)
        try:
            x = self.fc(x)
        finally:
            pass
        x = x * 2
        return x
""",
    """
        x = F.dropout(x, 0.5)
        with torch.no_grad():
            x = self.fc(x)
        x.clamp_(0)
        return x
""",
    """
        x = F.dropout(x, 0.5)
        n = x.shape[0]
        n += 1
        b, d = x.shape
        b += 1
        s = x.size(0)
        s += 1
        return x
""",
    """
        self.kept = self.fc(F.dropout(x, 0.5))
        self.kept += 1
        return self.kept
""",
    """
        x = F.dropout(x, 0.5)
        x = torch.cat((x, x), dim=0).relu_()
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = self.fc(x).relu_()
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = F.relu(self.fc(x), inplace=True)
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = x if c else self.fc(x)
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = F.adaptive_avg_pool1d(x, 4)
        x.mul_(2)
        return x
""",
    """
        y = self.fc(x)
        y = F.dropout(y, 0.5)
        return y + x
""",
    """
        x = [F.dropout(t, 0.5) for t in x.unbind(0)]
        x = torch.stack(x)
        x += 1
        return x
""",
    """
        x, indices = torch.sort(x)
        x = F.dropout(x, 0.5)
        indices += 1
        return x, indices
""",
    """
        if c:
            y = torch.tanh(F.dropout(x, 0.5))
        else:
            x = self.fc(x)
            x += 1
            y = x
        y += 1
        return y
""",
)
THE_RESULT = (
    """
        y = F.dropout(self.state, 0.5)
        self.state += 1
        return y + x
""",
    """
        y = x + F.dropout(x, 0.5)
        x += 1
        return y
""",
    """
        y = (x, F.dropout(x, 0.5))
        y[0].add_(1)
        return y
""",
    """
        for part in x:
            y = F.dropout(part, 0.5)
            part += 1
        return y
""",
    """
        while F.dropout(x, 0.5).sum() > 0:
            x -= 1
        return x
""",
    """
        x, n = torch.max(F.dropout(x, 0.5).view(4, 8), 1, keepdim=True)[0], x
        n += 1
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = +x
        x += 1
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x += 1
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = self.id(x)
        x += 1
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = x.view(-1)
        x += 1
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = x.reshape(-1, 8)
        x[0] = 0
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = self.relu(x)
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = self.unknown(x)
        x += 1
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = self.act(x)
        x += 1
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = self.seq2(x)
        return x
""",
    """
        x = F.dropout(x, 0.5)
        if c:
            x = self.fc(x)
        x += 1
        return x
""",
    """
        for i in range(2):
            x = F.relu(x, inplace=True)
            x = F.dropout(x, 0.5)
        return x
""",
    """
        for i in range(2):
            if i:
                x = self.fc(x)
            x = F.relu(x, inplace=True)
            x = F.dropout(x, 0.5)
        return x
""",
    """
        for conv in self.mixed:
            x = conv(x)
            x = F.relu(x, True)
            x = F.dropout(x, 0.5)
        return x
""",
    """
        x = F.dropout(x, 0.5)
        return self.grown2(x)
""",
    """
        x = F.dropout(x, 0.5)
        return self.grown3(x)
""",
    """
        x = F.dropout(x, 0.5)
        x = self.fn_(x)
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = self.passing(x)
        x += 1
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = self.hurting(x)
        return x
""",
    """
        y = F.dropout(x, 0.5)
        z = y
        y = self.fc(y)
        z += 1
        return y + z
""",
    """
        y = F.dropout(x, 0.5)
        x += 1
        return y + x
""",
    """
        r = x
        x = F.dropout(x, 0.5)
        r += 1
        return x + r
""",
    """
        r = x.view(-1)
        x = F.dropout(x, 0.5)
        r += 1
        return x
""",
    """
        outs = []
        x = F.dropout(x, 0.5)
        outs.append(x)
        x = self.fc(x)
        outs[0] += 1
        return x
""",
    """
        outs = []
        o = outs
        x = F.dropout(x, 0.5)
        o.append(x)
        x = self.fc(x)
        outs[0].add_(1)
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x, y = x, self.fc(x)
        x += 1
        return y
""",
    """
        x = F.dropout(x, 0.5)
        x, y = self.fc(x), x
        y += 1
        return x
""",
    """
        x = F.dropout(x, 0.5)
        try:
            x = self.fc(x)
        except ValueError:
            pass
        x += 1
        return x
""",
    """
        x = F.dropout(x, 0.5)
        with torch.no_grad():
            x.clamp_(0)
        return x
""",
    """
        while c:
            x = F.dropout(x, 0.5)
            c = False
            continue
        x += 1
        return x
""",
    """
        while True:
            x = F.dropout(x, 0.5)
            if c:
                break
            x = self.fc(x)
            return x
        x += 1
        return x
""",
    """
        x = F.dropout(x, 0.5)
        y = x[:, :4]
        y.zero_()
        return x
""",
    """
        x = F.dropout(x, 0.5)
        a, b = x.chunk(2)
        a += 1
        return b
""",
    """
        self.kept = F.dropout(x, 0.5)
        x = self.fc(self.kept)
        self.kept += 1
        return x
""",
    """
        y = F.dropout(x, 0.5)
        nn.init.zeros_(y)
        return y
""",
    """
        x = F.dropout(x, 0.5)
        torch.add(x, 1, out=x)
        return x
""",
    """
        x = F.relu(F.dropout(x, 0.5), inplace=True)
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = x if c else self.fc(x)
        x += 1
        return x
""",
    """
        x = F.dropout(x, 0.5)
        x = (lambda z: z)(x)
        x += 1
        return x
""",
    """
        d = {}
        d['a'] = F.dropout(x, 0.5)
        d['a'] += 1
        return d['a']
""",
    """
        x = F.dropout(x, 0.5)
        x = sorted([x], key=lambda t: 1)[0]
        x += 1
        return x
""",
    """
        x = [F.dropout(t, 0.5) for t in x.unbind(0)]
        x[0] += 1
        return torch.stack(x)
""",
    """
        x = F.dropout(x, 0.5)
        x = torch.sigmoid_(x)
        return x
""",
)


@pytest.mark.models
@pytest.mark.parametrize("style", ["module", "flag"])
@pytest.mark.parametrize("body", ANOTHER_TENSOR)
def test_another_tensor_may_be_changed(body: str, style: str) -> None:
    pytest.importorskip("torch", reason="executing the models needs torch")
    code = HEAD + body
    after = fix(Source("m.py", code), Settings(fix_style=style))
    assert after.report.is_empty
    assert_same_behaviour(code, after.text)


@pytest.mark.parametrize("body", THE_RESULT)
def test_result_that_is_changed_makes_the_fix_unsafe(body: str) -> None:
    found = run(HEAD + body).diagnostics
    assert found
    assert [d.fix and d.fix.safety for d in found] == [Safety.UNSAFE] * len(found)
