"""How processor time grows with the size of a file, for shapes that have been slow or might be.

    python benchmarks/growth.py [--small 300] [--large 3000] [SHAPE...]

Each shape is a program of size n, linted with every rule and fixed with unsafe fixes. What is
printed is the exponent between the two sizes: 1 is linear, 2 quadratic. Each measurement runs in a
process of its own with a limit, so that a shape without end ends as "over 20 s".
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import time
from collections.abc import Callable, Sequence

IMPORTS = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n\n\n"
CLASS = (
    "class Net(nn.Module):\n    def __init__(self, p=0.5):\n        super().__init__()\n"
    "        self.p = p\n\n"
)
FORWARD = "    def forward(self, x, a=None):\n"
LIMIT_S = 20

Shape = Callable[[int], str]
SHAPES: dict[str, Shape] = {}


def shape(function: Shape) -> Shape:
    SHAPES[function.__name__] = function
    return function


def forward(*lines: str) -> str:
    """A module whose forward has these lines."""
    return (
        IMPORTS
        + CLASS
        + FORWARD
        + "".join(f"        {line}\n" for line in lines)
        + ("        return x\n")
    )


def each(template: str, n: int) -> list[str]:
    """The template for 0 … n-1; ``{i}`` is the number, ``{j}`` the next one."""
    return [template.replace("{i}", str(i)).replace("{j}", str(i + 1)) for i in range(n)]


# --- findings ---------------------------------------------------------------------------------


@shape
def one_rate_many_drops(n: int) -> str:
    return forward(*["x = F.dropout(x, 0.5)"] * n)


@shape
def many_rates(n: int) -> str:
    return forward(*each("x = F.dropout(x, 0.1{j})", n))


@shape
def drops_in_branches(n: int) -> str:
    return forward(*each("if a == {i}: x = F.dropout(x, self.p)", n))


@shape
def early_returns(n: int) -> str:
    return forward(*each("if a == {i}: return F.dropout(x, 0.5)", n))


@shape
def constant_flags(n: int) -> str:
    return forward(*["x = F.dropout(x, 0.5, training=True)"] * n)


@shape
def fresh_layers(n: int) -> str:
    return forward(*["x = nn.Dropout(0.5)(x)"] * n)


@shape
def attention_calls(n: int) -> str:
    return forward(*["x = F.scaled_dot_product_attention(x, x, x, None, self.p)"] * n)


@shape
def masks_by_hand(n: int) -> str:
    return forward(*["x = x * (torch.rand(3) < self.p)"] * n)


@shape
def methods_as_flags(n: int) -> str:
    return forward(*["x = F.dropout(x, 0.5 if self.train else 0.0)"] * n)


@shape
def results_thrown_away(n: int) -> str:
    return forward(*["F.dropout(x, 0.5)"] * n)


# --- functions and classes ----------------------------------------------------------------------


@shape
def classes(n: int) -> str:
    return IMPORTS + "".join(
        each(
            "class N{i}(nn.Module):\n    def forward(self, x):\n        return F.dropout(x, 0.5)\n",
            n,
        )
    )


@shape
def chain_of_classes(n: int) -> str:
    first = "class A0(nn.Module):\n    def forward(self, x):\n        return F.dropout(x, self.p)\n"
    return IMPORTS + first + "".join(each("class A{j}(A{i}):\n    p = 0.1\n", n))


@shape
def diamonds(n: int) -> str:
    first = "class A0(nn.Module):\n    def forward(self, x):\n        return F.dropout(x, self.p)\n"
    diamond = (
        "class L{i}(A{i}):\n    p = 0.1\nclass R{i}(A{i}):\n    p = 0.2\n"
        "class A{j}(L{i}, R{i}):\n    pass\n"
    )
    return IMPORTS + first + "".join(each(diamond, n))


@shape
def one_base_many_subclasses(n: int) -> str:
    first = "class B(nn.Module):\n    def forward(self, x):\n        return F.dropout(x, self.p)\n"
    return IMPORTS + first + "".join(each("class D{i}(B):\n    p = 0.1\n", n))


@shape
def methods(n: int) -> str:
    return (
        IMPORTS
        + CLASS
        + "".join(each("    def m{i}(self, x):\n        return F.dropout(x, 0.5)\n", n))
    )


@shape
def chain_of_methods(n: int) -> str:
    chain = "".join(each("    def m{i}(self, x):\n        return self.m{j}(x)\n", n))
    last = f"    def m{n}(self, x):\n        return F.dropout(x, 0.5)\n"
    return IMPORTS + CLASS + FORWARD + "        return self.m0(x)\n" + chain + last


@shape
def chain_of_methods_that_know_the_mode(n: int) -> str:
    chain = "".join(
        each("    def m{i}(self):\n        return self.m{j}() if self.training else 0.0\n", n)
    )
    last = f"    def m{n}(self):\n        return 0.5\n"
    return IMPORTS + CLASS + FORWARD + "        return F.dropout(x, self.m0())\n" + chain + last


@shape
def one_helper_many_calls(n: int) -> str:
    helper = "def drop(x, p, training=True):\n    return F.dropout(x, p, training)\n\n\n"
    calls = "".join(each("        x = drop(x, 0.1{j})\n", n))
    return IMPORTS + helper + CLASS + FORWARD + calls + "        return x\n"


@shape
def many_helpers(n: int) -> str:
    helpers = "".join(each("def drop_{i}(x):\n    return F.dropout(x, 0.5)\n\n\n", n))
    calls = "".join(each("        x = drop_{i}(x)\n", n))
    return IMPORTS + helpers + CLASS + FORWARD + calls + "        return x\n"


@shape
def lambdas_that_call_the_one_before(n: int) -> str:
    return forward(
        "f0 = lambda t: F.dropout(t, 0.5)", *each("f{j} = lambda t: f{i}(t)", n), f"x = f{n}(x)"
    )


# --- names and values ---------------------------------------------------------------------------


@shape
def rebound_name(n: int) -> str:
    return IMPORTS + "x = 1\n" * n + CLASS + FORWARD + "        return F.dropout(x, 0.5)\n"


@shape
def fallback_imports(n: int) -> str:
    tries = each("try:\n    import a{i} as F\nexcept ImportError:\n    pass\n", n)
    return IMPORTS + "".join(tries) + CLASS + FORWARD + "        return F.dropout(x, 0.5)\n"


@shape
def chain_of_global_aliases(n: int) -> str:
    chain = "d0 = F.dropout\n" + "".join(each("d{j} = d{i}\n", n))
    return IMPORTS + chain + CLASS + FORWARD + f"        return d{n}(x, 0.5)\n"


@shape
def chain_of_local_aliases(n: int) -> str:
    return forward("d0 = F.dropout", *each("d{j} = d{i}", n), f"x = d{n}(x, 0.5)")


@shape
def tuples_that_share(n: int) -> str:
    return forward("t0 = (1, 2)", *each("t{j} = (t{i}, t{i})", n), "x = F.dropout(x, 0.5)")


@shape
def squares(n: int) -> str:
    return forward("t = 10", *["t = t * t"] * n, "x = F.dropout(x, 0.5)")


@shape
def method_chain(n: int) -> str:
    return forward("y = x" + ".b()" * min(n, 600), "x = F.dropout(x, 0.5)")


@shape
def attributes(n: int) -> str:
    sets = "".join(each("        self.p{i} = 0.5\n", n))
    reads = "".join(each("        x = F.dropout(x, self.p{i})\n", n))
    return IMPORTS + CLASS.rstrip("\n") + "\n" + sets + FORWARD + reads + "        return x\n"


@shape
def layers_in_a_list(n: int) -> str:
    layers = "        self.layers = [\n" + "            nn.Dropout(0.5),\n" * n + "        ]\n"
    return (
        IMPORTS
        + CLASS.rstrip("\n")
        + "\n"
        + layers
        + FORWARD
        + "        return self.layers[0](x)\n"
    )


@shape
def layers_never_applied(n: int) -> str:
    layers = "".join(each("        self.d{i} = nn.Dropout(0.5)\n", n))
    return IMPORTS + CLASS.rstrip("\n") + "\n" + layers + FORWARD + "        return x\n"


@shape
def views_of_an_input(n: int) -> str:
    return forward(
        "y0 = x", *each("y{j} = y{i}.view(3)", n), f"y{n}.add_(1)", "x = F.dropout(x, 0.5)"
    )


@shape
def drops_of_drops(n: int) -> str:
    return forward("x0 = x", *each("x{j} = F.dropout(x{i}, 0.5)", n), f"x = x{n}.add_(1)")


# --- text -----------------------------------------------------------------------------------------


@shape
def one_long_line(n: int) -> str:
    return forward("; ".join(["x = F.dropout(x, 0.5)"] * n))


@shape
def comments(n: int) -> str:
    return forward(*["# c"] * n, *["x = F.dropout(x, 0.5)"] * 5)


@shape
def plain_functions(n: int) -> str:
    plain = "".join(each("def q{i}(a, b):\n    c = a + b\n    return c\n", n))
    return IMPORTS + plain + CLASS + FORWARD + "        return F.dropout(x, 0.5)\n"


@shape
def list_literal(n: int) -> str:
    literal = "S = [\n" + "    1,\n" * n * 10 + "]\n"
    return IMPORTS + literal + CLASS + FORWARD + "        return F.dropout(x, 0.5)\n"


@shape
def word_import_repeated(n: int) -> str:
    return (
        IMPORTS
        + "import q;" * n * 10
        + "\n"
        + CLASS
        + FORWARD
        + ("        return F.dropout(x, 0.5)\n")
    )


# --- measuring ------------------------------------------------------------------------------------


def seconds(name: str, n: int) -> float | None:
    """CPU seconds of linting and fixing a shape of size n; None: over the limit."""
    done = subprocess.run(
        [sys.executable, __file__, "--measure", name, str(n)],
        capture_output=True,
        text=True,
    )
    return float(done.stdout) if done.returncode == 0 else None


def measure(name: str, n: int) -> float:
    import resource
    from dataclasses import replace

    from dropout_lint.config import Settings
    from dropout_lint.linting.runner import check_text

    resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_S, LIMIT_S + 1))
    data = SHAPES[name](n).encode()
    every = Settings(select=("ALL",), root="/")
    check_text(forward("x = F.dropout(x, 0.5)").encode(), "warm.py", every, "lint")
    start = time.process_time()
    check_text(data, "shape.py", every, "lint")
    check_text(data, "shape.py", replace(every, unsafe_fixes=True), "diff")
    return time.process_time() - start


def main(argv: Sequence[str]) -> int:
    if argv[:1] == ["--measure"]:
        print(measure(argv[1], int(argv[2])))
        return 0
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--small", type=int, default=300)
    parser.add_argument("--large", type=int, default=3000)
    parser.add_argument("shapes", nargs="*", default=list(SHAPES))
    options = parser.parse_args(argv)
    for name in options.shapes:
        small, large = seconds(name, options.small), seconds(name, options.large)
        if small is None or large is None:
            print(f"{name:40} over {LIMIT_S} s of processor time", flush=True)
            continue
        exponent = math.log(large / small) / math.log(options.large / options.small)
        print(f"{name:40} {small:8.2f} {large:8.2f} s   n^{exponent:.2f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
