"""Overlays: two versions of a project in one process, neither of which sees the other."""

from __future__ import annotations

import inspect
import linecache
import sys
import traceback
from pathlib import Path
from types import ModuleType

import pytest

from dropout_lint.verify.targets.overlay import Overlay
from dropout_lint.verify.targets.target_specs import load, parse, place


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package on disk: `pkg.model` uses `pkg.rates`, relative and late."""
    folder = tmp_path / "pkg"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "rates.py").write_text("RATE = 1\n")
    (folder / "model.py").write_text(
        "from .rates import RATE\n"
        "class Model:\n"
        "    def early(self):\n"
        "        return RATE\n"
        "    def late(self):\n"
        "        from pkg import rates\n"
        "        return rates.RATE\n"
        "    def fail(self):\n"
        "        return 1 / 0\n"
    )
    return folder


def loaded(overlay: Overlay, spec: str) -> ModuleType:
    with overlay.active():
        return load(parse(spec))


def version(package: Path, rate: int) -> Overlay:
    return Overlay({str(package / "rates.py"): f"RATE = {rate}\n"})


def test_each_version_sees_its_own_modules(package: Path) -> None:
    one, other = version(package, 10), version(package, 20)
    first = loaded(one, str(package / "model.py"))
    second = loaded(other, "pkg.model")
    assert first.__name__ == second.__name__ == "pkg.model"
    assert (first.Model().early(), second.Model().early()) == (10, 20)
    with one.active():
        assert first.Model().late() == 10
        assert sys.modules["pkg.model"] is first
    with other.active():
        assert second.Model().late() == 20


def test_nothing_is_left_behind(package: Path) -> None:
    before = set(sys.modules), list(sys.path)
    overlay = version(package, 10)
    loaded(overlay, str(package / "model.py"))
    assert not [name for name in set(sys.modules) - before[0] if name.startswith("pkg")]
    assert sys.path == before[1]
    assert str(package / "rates.py") not in linecache.cache
    assert not list(package.rglob("rates*.pyc"))  # bytes from memory never reach the cache


def test_what_was_imported_before_comes_back(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(package.parent))
    import pkg.model  # type: ignore[import-not-found]

    overlay = version(package, 10)
    assert loaded(overlay, "pkg.model").Model().early() == 10
    assert sys.modules["pkg.model"] is pkg.model
    assert pkg.model.Model().late() == 1
    for name in ("pkg", "pkg.model", "pkg.rates"):
        sys.modules.pop(name, None)


def test_tracebacks_and_getsource_show_the_overlaid_text(package: Path) -> None:
    path = package / "model.py"
    text = path.read_text().replace("1 / 0", "2 / 0  # overlaid")
    overlay = Overlay({str(path): "# a line more\n" + text})
    model = loaded(overlay, str(path)).Model
    with overlay.active():
        assert "2 / 0  # overlaid" in inspect.getsource(model)
        assert inspect.getsourcelines(model.fail)[1] == 9
        linecache.checkcache()
        try:
            model().fail()
        except ZeroDivisionError:
            assert "# overlaid" in traceback.format_exc()
    assert "# overlaid" not in "".join(linecache.getlines(str(path)))


def test_a_file_of_no_package_finds_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("import neighbour\nVALUE = neighbour.VALUE\n")
    (tmp_path / "neighbour.py").write_text("VALUE = 1\n")
    overlay = Overlay({str(tmp_path / "neighbour.py"): "VALUE = 2\n"})
    assert loaded(overlay, str(tmp_path / "net.py")).VALUE == 2
    assert "neighbour" not in sys.modules


def test_encodings_and_line_ends(tmp_path: Path) -> None:
    text = "# coding: latin-1\r\nVALUE = 'é'\r\n"
    path = tmp_path / "old.py"
    path.write_bytes(text.replace("é", "e").encode("latin-1"))
    overlay = Overlay({str(path): text})
    assert loaded(overlay, str(path)).VALUE == "é"
    with overlay.active():
        assert linecache.getline(str(path), 2) == "VALUE = 'é'\n"


@pytest.mark.slow
def test_torch_is_shared_and_scripted_functions_are_the_overlaid_ones(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch", reason="its modules are shared")
    path = tmp_path / "net.py"
    path.write_text("")
    overlay = Overlay({str(path): "import torch\ndef double(x: torch.Tensor):\n    return x * 2\n"})
    module = loaded(overlay, str(path))
    assert module.torch is torch
    with overlay.active():
        scripted = torch.jit.script(module.double)
    assert scripted(torch.ones(1)).item() == 2


def test_a_failing_import_leaves_no_half_module(tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text("")
    overlay = Overlay({str(path): "raise RuntimeError('no')\n"})
    for _ in range(2):
        with pytest.raises(RuntimeError):
            loaded(overlay, str(path))
    assert "net" not in sys.modules


def test_installed_packages_are_no_project(tmp_path: Path) -> None:
    site = tmp_path / "site-packages"
    for name in ("mine", "other"):
        (site / name).mkdir(parents=True)
        (site / name / "__init__.py").write_text("VALUE = 1\n")
    text = "import other\nVALUE = 2\n"
    overlay = Overlay({str(site / "mine" / "__init__.py"): text}, packages=("mine",))
    module = loaded(overlay, "mine")
    assert module.VALUE == 2
    assert sys.modules.pop("other") is module.other  # shared, since it is another package


def test_places(package: Path) -> None:
    assert place(str(package / "model.py")) == (str(package.parent), "pkg.model")
    assert place(str(package / "__init__.py")) == (str(package.parent), "pkg")
