"""Tables: the statements around a call, and the comments beside it. All end with ``x`` bound."""

# ruff: noqa: E501 - rows of tables

from __future__ import annotations

from .grammar import Form

STATEMENTS = [
    Form("plain", "x = $call", 24),
    Form("two rates", "x = @F.dropout(x, 0.2)\nx = x + @F.dropout(x, 0.4)"),
    Form("residual", "x = x + $call", 4),
    Form("if training", "if $self.training:\n    x = $call", 3),
    Form("if not training, else", "if not $self.training:\n    pass\nelse:\n    x = $call"),
    Form("one-line ifs", "if not $self.training: x = x * 1\nelse: x = $call"),
    Form("if a local", "on_$n = $self.training\nif on_$n:\n    x = $call"),
    Form("if equal", "if $self.training == True:\n    x = $call"),
    Form("if the method", "if $self.train:\n    x = $call", 1),
    Form("if eval", "if not $self.training:\n    x = $call"),
    Form("if something else", "if x.dim() == 2:\n    x = $call", 3),
    Form("if an option", "if $self.use:\n    x = $call", init="$self.use = True"),
    Form("if training and an option",
         "if $self.training and $self.use:\n    x = $call\nelif $self.use:\n    x = x * 2\n"
         "else:\n    x = $call", init="$self.use = True"),
    Form("if an option and training", "if $self.use and $self.training:\n    x = $call",
         init="$self.use = True"),
    Form("unless not both", "if not ($self.training and $self.use):\n    x = x + 1\n"
         "else:\n    x = $call", init="$self.use = True"),
    Form("if or", "if $self.training or $self.fc.training:\n    x = $call",
         init="$self.fc = @nn.Linear(8, 8)"),
    Form("early return", "if not $self.training:\n    return x\nx = $call", 3),
    Form("early return of either", "if $self.training:\n    return $call\nx = x * 1"),
    Form("word for the mode", 'mode_$n = "train" if $self.training else "eval"\n'
         'if mode_$n == "train":\n    x = $call'),
    Form("number for the mode", "rate_$n = 0.0\nif $self.training:\n    rate_$n = 0.3\n"
         "if rate_$n > 0:\n    x = $call"),
    Form("none for the mode", "rate_$n = None if not $self.training else 0.3\n"
         "if rate_$n is not None:\n    x = $call"),
    Form("conditional", "x = $call if $self.training else x", 2),
    Form("conditional the other way", "x = x if not $self.training else ($call)"),
    Form("conditional on something else", "x = $call if x.dim() == 2 else x"),
    Form("and", "kept_$n = $self.training and $call\nx = x if kept_$n is False else kept_$n"),
    Form("or", "kept_$n = not $self.training or $call\nx = x if kept_$n is True else kept_$n"),
    Form("walrus", "if (kept_$n := $call) is not None:\n    x = kept_$n + x"),
    Form("for", "for _ in range(2):\n    x = $call"),
    Form("for, else", "for i_$n in range(3):\n    if i_$n == 1:\n        continue\n    x = $call\n"
         "else:\n    x = x + 1"),
    Form("for, break in eval", "for _ in range(2):\n    if not $self.training:\n        break\n"
         "    x = $call"),
    Form("for, continue in eval", "for _ in range(2):\n    if not $self.training:\n"
         "        continue\n    x = $call"),
    Form("while", "i_$n = 0\nwhile i_$n < 2:\n    i_$n += 1\n    x = $call"),
    Form("while True", "while True:\n    if not $self.training:\n        break\n    x = $call\n"
         "    break"),
    Form("over a list", "for x in [x]:\n    x = $call"),
    Form("over layers", "for layer in $self.stack:\n    x = layer($call)",
         init="$self.stack = @nn.ModuleList([@nn.Linear(8, 8), @nn.Linear(8, 8)])"),
    Form("try, else", "try:\n    x = $call\nexcept ValueError:\n    pass\nelse:\n    x = x + 1"),
    Form("try, finally", "try:\n    x = $call\nfinally:\n    x = x + 1"),
    Form("raise in eval", "try:\n    if not $self.training:\n        raise KeyError\n    x = $call\n"
         "except KeyError:\n    x = x * 1"),
    Form("assert", "try:\n    assert $self.training\nexcept AssertionError:\n    x = x * 3\n"
         "else:\n    x = $call"),
    Form("assert before it", "try:\n    assert $self.training\n    x = $call\n"
         "except AssertionError:\n    x = x * 3"),
    Form("with", "with contextlib.nullcontext() as _:\n    x = $call",
         imports="import contextlib"),
    Form("with no_grad", "with @torch.no_grad():\n    y_$n = $call\nx = x + y_$n"),
    Form("match on the mode", "match $self.training:\n    case True:\n        x = $call\n"
         "    case _:\n        x = x + 1"),
    Form("match", 'match $self.kind:\n    case "a" | "b":\n        x = $call\n'
         "    case _:\n        pass", init='$self.kind = "b"'),
    Form("match, guarded", 'match $self.kind:\n    case "b" if $self.training:\n        x = $call\n'
         "    case _:\n        x = x + 1", init='$self.kind = "b"'),
    Form("nested function", "def inner_$n(x):\n    return $call\n\nx = inner_$n(x)"),
    Form("guarded nested function", "def inner_$n(x):\n    if $self.training:\n"
         "        return $call\n    return x\n\nx = inner_$n(x)"),
    Form("mode as default", "def inner_$n(x, on=$self.training):\n    if on:\n        x = $call\n"
         "    return x\n\nx = inner_$n(x)"),
    Form("lambda", "inner_$n = lambda x: $call\nx = inner_$n(x)"),
    Form("lambda with mode", "inner_$n = lambda x, on: $call if on else x\n"
         "x = inner_$n(x, $self.training)"),
    Form("comprehension", "x = sum([$call for _ in range(2)])"),
    Form("comprehension, if", "found_$n = [$call for _ in (1,) if $self.training] or [x]\n"
         "x = found_$n[0]"),
    Form("generator", "x = sum($call for _ in range(2))"),
    Form("dict", 'found_$n = {"a": $call}\nx = found_$n["a"]'),
    Form("tuple", "x, rest_$n = $call, 1"),
    Form("nested tuple", "(x, one_$n), two_$n = ($call, 1), 2"),
    Form("chained", "x = y_$n = $call"),
    Form("annotated", "y_$n: object = $call\nx = y_$n"),
    Form("method of the result", "x = ($call).mul(2)"),
    Form("argument", "x = @torch.relu($call)"),
    Form("changed in place", "y_$n = $call\ny_$n += 1\nx = x + y_$n", 2),
    Form("a view changed in place", "y_$n = $call\ny_$n.view(-1).mul_(2)\nx = x + y_$n"),
    Form("changed by a function", "y_$n = @F.relu($call, inplace=True)\nx = x + y_$n", 3),
    Form("changed item", "y_$n = $call\ny_$n[0] = 0\nx = x + y_$n"),
    Form("discarded", "$call"),
    Form("in place, for its effect", "y_$n = x * 1\n@F.dropout(y_$n, 0.5, inplace=True)\nx = x + y_$n", 3),
    Form("two views", "x1 = $call\nx2 = $call\nx = x1 + x2", 1),
    Form("semicolon", "y_$n = 1; x = $call; z_$n = 2"),
    Form("unicode before it", 's_$n = "\u00fc\u20ac\U0001f600"; x = $call'),
    Form("unicode name", "\u00fcber_$n = x; x = $call"),
    Form("continued", "x = \\\n    $call"),
    Form("sticky rate", "if not $self.training:\n    $self.sticky = 0.0\n"
         "x = @F.dropout(x, $self.sticky)", 1, init="$self.sticky = 0.5"),
    Form("attribute for the mode", "$self.on = $self.training\nif $self.on:\n    x = $call"),
    Form("kept on self", "$self.last = $call\nx = $self.last"),
    Form("doubly nested", "if x.dim() == 2:\n    $statement", 3),
    Form("nested in training", "if $self.training:\n    $statement"),
    Form("nested in with", "with contextlib.nullcontext():\n    $statement",
         imports="import contextlib"),
    Form("nested in try", "try:\n    $statement\nfinally:\n    pass"),
    Form("noqa", "x = $call  # noqa", 1),
    Form("ignored", "x = $call  # dropout-lint: ignore[DRP]", 1),
    Form("ignored above", "# dropout-lint: ignore\nx = $call", 1),
    Form("intentional", "x = $call  # dropout-lint: intentional noise", 1),
    Form("intentional above", "# dropout-lint: intentional: noise\nx = $call", 1),
    Form("comment that says so", "x = $call  # MC dropout", 1),
    Form("another comment", "x = $call  # regularise"),
    Form("noqa for others", "x = $call  # noqa: E501, F841", 1),
]  # fmt: skip

TABLES = {"statement": STATEMENTS}
