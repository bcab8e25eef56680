"""Planted faults: does the generation notice each?

A mutant is the package with one piece of text replaced. The piece must be there exactly once, so
that a refactoring which moves it says so. Each runs in a process of its own on a copy.
"""

# ruff: noqa: E501 - rows of tables

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = "dropout_lint"
_NEEDED = ("tests/generation", "tests/support/__init__.py", "tests/support/layouts.py")


@dataclass(frozen=True)
class Mutant:
    """A fault: in a file of the package, ``old`` (once there) becomes ``new``.

    ``equivalent`` says why no model can show it, where none can.
    """

    name: str
    file: str
    old: str
    new: str
    equivalent: str = ""

    def apply(self, root: Path) -> None:
        """Plant it in a copy. Raises ValueError where the text is not there exactly once."""
        path = root / PACKAGE / self.file
        text = path.read_text(encoding="utf-8")
        if text.count(self.old) != 1:
            raise ValueError(
                f"{self.name}: {text.count(self.old)} times in {self.file}: {self.old}"
            )
        path.write_text(text.replace(self.old, self.new), encoding="utf-8")


MUTANTS = [
    # --- what the code means ---
    Mutant("not is ignored", "semantics/interpreter/expressions.py",
           "return from_cond(~truth(value))", "return from_cond(truth(value))"),
    Mutant("conditions gate nothing", "semantics/interpreter/statements.py",
           "with branches.branch(before.behind(cond.when_true, zeros[0])):",
           "with branches.branch(before.copy()):"),
    Mutant("return does not end a path", "semantics/interpreter/simple_statements.py",
           'self.abrupt += 1\n        self.state.guards = None\n\n    def assert_',
           'self.abrupt += 1\n\n    def assert_'),
    Mutant("assert is ignored", "semantics/interpreter/simple_statements.py",
           "self.state.guards = both(self.state.guards, self.cond(node.test).when_true)",
           "self.cond(node.test)"),
    Mutant("a rate of zero drops", "semantics/interpreter/values.py",
           "return YES if number and atom.value > 0 else NO",
           "return YES if number and atom.value >= 0 else NO"),
    Mutant("stars hide no flag", "semantics/sites/site.py",
           "            and self.flag is None\n            and not self.bound.open",
           "            and self.flag is None"),
    Mutant("positions off by one", "semantics/interpreter/arguments.py",
           "            position += 1\n    return named", "            position += 2\n    return named"),
    Mutant("alpha_dropout is on by default", "catalog.py",
           '_ALPHA = "(input, p=0.5, training=False', '_ALPHA = "(input, p=0.5, training=True'),
    Mutant("partials are not followed", "semantics/interpreter/evaluator.py",
           'if callee.name == "functools.partial" and arguments:',
           'if callee.name == "functools.nothing" and arguments:'),
    Mutant("mutual conditions are lost", "semantics/interpreter/guards.py",
           "            both(self.when_true, other.when_true),\n",
           "            self.when_true,\n",
           "what differs between the modes is gated where it differs (`contrast`); the rest is code "
           "that neither mode runs"),
    Mutant("the form of data follows the mode", "semantics/interpreter/expressions.py",
           "            self.forget_operands()\n",
           "            self.operand_differs = True\n"),
    Mutant("rebound names keep their first value", "semantics/interpreter/state.py",
           "env[name] = Value.join(value.behind(own - guards) for value, own in values)",
           "env[name] = first"),
    Mutant("what differs is not gated", "semantics/interpreter/values.py",
           "if isinstance(atom, (Opaque, Attribute)):\n            atom = Opaque",
           "if isinstance(atom, ()):\n            atom = Opaque"),
    Mutant("rows off by one", "files/source.py",
           "row = bisect_right(self.line_starts, offset)\n        return Location(row,",
           "row = bisect_right(self.line_starts, offset)\n        return Location(row + 1,"),
    # --- rules and comments ---
    Mutant("DRP001 asks nobody about the mode", "rules/missing_training.py",
           "and site.always_active(False)", "and site.always_active(True)"),
    Mutant("DRP001 takes True for a rate", "rules/missing_training.py",
           "                and not is_mode_flag(site)\n", "",
           "a rate that is the mode is False in eval mode, so the site is not always active"),
    Mutant("DRP004 asks nobody about the mode", "rules/ungated_attention.py",
           "not site.always_active(False)", "not site.always_active(True)"),
    Mutant("DRP005 ignores train(…)", "rules/module_in_forward.py",
           "site.function.in_module and site.always_active(False)", "site.function.in_module"),
    Mutant("noqa is not read", "linting/suppressions.py",
           "return noqa is not None and _covers", "return noqa is None and _covers"),
    Mutant("the marker is not read", "linting/suppressions.py",
           'own["verb"].lower() == "intentional"', 'own["verb"].lower() == "intended"'),
    # --- the screen ---
    Mutant("the screen forgets attention", "screen/known_names.py", 'b"ttention", ', "",
           "names that have none of the stems become stems themselves"),
    # --- fixes ---
    Mutant("in-place use is ignored", "fixing/hazards/reasons.py",
           "return drops_here and self.in_place", "return False and self.in_place"),
    Mutant("the own mode is no reason", "fixing/hazards/reasons.py",
           "if has_own_mode(model, owner):", "if False:"),
    Mutant("a lambda kept by the constructor is fixed", "fixing/hazards/reasons.py",
           "if site.function.builds:", "if False:"),
    Mutant("names clash", "fixing/module_form/naming.py",
           "taken, uses = self._names_on_self(related), AttributeUses.of(model)",
           "taken, uses = set(MODULE_ATTRIBUTES), AttributeUses.of(model)"),
    Mutant("modules of other rates are shared", "fixing/module_form/existing.py",
           "self._modules(info).get((module.name, given), ())",
           "[n for (c, _), ns in self._modules(info).items() if c == module.name for n in ns]"),
    Mutant("one module for all rates", "fixing/module_form/to_module.py",
           "(owner, replace(module, keyword=False)), lambda", "(owner, module.name), lambda"),
    Mutant("the default rate for a given one", "fixing/module_form/equivalent_module.py",
           "for part in (rate, *self.flags) if part", "for part in self.flags if part"),
    Mutant("in place becomes out of place", "fixing/module_form/equivalent_module.py",
           "if flag != \"inplace=False\"", "if False"),
    Mutant("built before its rate is set", "fixing/module_form/constructor.py",
           "return body[min(max(wanted, earliest), latest)]", "return body[0]"),
    Mutant("an early return is no matter", "fixing/module_form/constructor.py",
           "if any(isinstance(node, cst.Return) for node in _own_nodes(init)):", "if False:"),
    Mutant("dataclasses take modules", "fixing/module_form/constructor.py",
           "if info.node.decorators and any(", "if False and any("),
    Mutant("subclasses are forgotten", "fixing/module_form/constructor.py",
           "if not runs_constructor_of(model, info, owner):", "if False:"),
    Mutant("children may be iterated", "fixing/module_form/constructor.py",
           "    check_iteration(model, owner)\n", ""),
    Mutant("any base takes modules", "fixing/module_form/constructor.py",
           "if not holds_modules(model, base):", "if False:"),
    Mutant("a rate that is set later", "fixing/module_form/rates.py",
           "if place.owner is None or not place.in_constructor:", "if False:"),
    Mutant("a property as a rate", "fixing/module_form/rates.py",
           "if any(attribute in info.methods for info in related):\n"
           "        raise Refusal(f\"`self.{attribute}` is a property or a method\")\n", "pass\n"),
    Mutant("locals as rates", "fixing/module_form/rates.py",
           "if found is None or found[0].parent is not None or len(", "if found is None or len(",
           "the last condition refuses locals of methods, which stand behind the head of their class;"
           " a number of the function around the class is one in `__init__` too"),
    Mutant("the method for the mode", "fixing/flag_form/to_flag.py",
           'if inverted else mode', 'if inverted else mode.replace("training", "train")'),
    Mutant("a deciding call decides nothing", "semantics/model.py",
           "sites[site.node, site.row.name, site.entry] = site", "pass"),
    Mutant("a mode handed on is the function's own", "semantics/interprocedural/contexts.py",
           "return Value.of(Parameter(name))\n    return value\n", "return value\n    return value\n"),
    Mutant("functions of other files are not followed", "semantics/sites/imported_functions.py",
           "return self.find(atom.name) if isinstance(atom, Ref) else None", "return None"),
    Mutant("no callers in other files", "semantics/facts/calling/callers.py",
           "if model.path is None or not wanted or depth", "if True or depth"),
    Mutant("no flag is inverted", "fixing/flag_form/to_flag.py",
           "inverted = isinstance(row, CatalogFunction) and row.inverted", "inverted = False"),
    Mutant("the screen knows only its own words for others", "linting/selection.py",
           "return any(rule.passes_prefilter(", "return False and any(rule.passes_prefilter("),
    Mutant("self where it is not seen", "fixing/instances/receiver.py",
           "return own if own == \"self\" or _is_an_instance(model, function) else None",
           "return \"self\""),
    Mutant("always gated", "fixing/flag_form/to_flag.py",
           'f" if {mode} else 0.0"', 'f" if {mode} else 0.1"'),
    Mutant("no parentheses", "fixing/edits/layout.py",
           "    if node.lpar:\n        return False\n    return isinstance(node, (cst.IfExp",
           "    return False and isinstance(node, (cst.IfExp"),
    Mutant("a parenthesised end", "fixing/edits/layout.py",
           "end = tree.outer_span(last.value)[1]", "end = tree.span(last.value)[1]"),
    Mutant("line feeds everywhere", "fixing/edits/layout.py",
           'return end.group() if end else "\\n"', 'return "\\n"'),
    Mutant("spaces everywhere", "fixing/edits/layout.py",
           "return text[start:end]", 'return " " * (4 * (end - start))'),
    Mutant("comments in calls go", "fixing/edits/layout.py",
           'if "#" not in text:\n        return False', 'if True:\n        return False'),
    Mutant("fixes overlap", "fixing/edits/apply.py",
           "return one.start < other.end and other.start < one.end", "return False"),
    Mutant("one round of fixes", "linting/pipeline.py", "_ROUNDS = 50", "_ROUNDS = 1"),
]  # fmt: skip


@dataclass(frozen=True)
class Outcome:
    """``killed`` is the seed of the first model with a failure, None if there is none."""

    mutant: Mutant
    killed: int | None
    reason: str


def tried(mutant: Mutant, first: int, models: int) -> Outcome:
    """Run the generation on the package with a fault in it, until a model fails."""
    folder = Path(tempfile.mkdtemp(prefix="mutant-"))
    try:
        skip = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / PACKAGE, folder / PACKAGE, ignore=skip)
        for needed in _NEEDED:
            copy = shutil.copytree if (ROOT / needed).is_dir() else shutil.copy
            (folder / needed).parent.mkdir(parents=True, exist_ok=True)
            copy(ROOT / needed, folder / needed)
        mutant.apply(folder)
        command = [sys.executable, "-m", "tests.generation", "--first-failure"]
        command += ["--seed", str(first), "--models", str(models)]
        environment = {**os.environ, "PYTHONPATH": str(folder)}
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
    finally:
        shutil.rmtree(folder)
    if done.returncode == 0:
        return Outcome(mutant, None, "")
    seed, _, reason = done.stdout.partition(" ")
    if not seed.isdigit():
        raise RuntimeError(f"{mutant.name}: {done.stdout}{done.stderr}")
    return Outcome(mutant, int(seed), reason.strip())


def main(names: Sequence[str], first: int, models: int, jobs: int) -> int:
    """Try all mutants, or those that have one of the words in their name."""
    named = [m for m in MUTANTS if not names or any(name in m.name for name in names)]
    chosen = [mutant for mutant in named if not mutant.equivalent]
    alive = 0
    with ThreadPoolExecutor(jobs) as pool:
        for outcome in pool.map(lambda mutant: tried(mutant, first, models), chosen):
            killed = outcome.killed is not None
            alive += not killed
            number = (outcome.killed or 0) - first + 1
            what = f"killed by model {number}: {outcome.reason}" if killed else "SURVIVES"
            print(f"{outcome.mutant.name} ({outcome.mutant.file}): {what}", flush=True)
    print(f"{len(chosen)} mutants, {alive} survive {models} models")
    return 1 if alive else 0
