"""Which tensors and containers the names of a function hold at one place of it.

A tensor is known by where it comes from: a parameter, an attribute, or the call that made it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import NamedTuple

import libcst as cst

# What the runs of a function may look at: two hundred drops of one name in a row are within it.
_MOST_LOOKS = 200_000
# A name that a function binds and the objects that it may hold; ``self.h`` is such a name too.
Objects = frozenset["Object"]
NOTHING: Objects = frozenset()


class Object(NamedTuple):
    """A tensor or container: its ``kind`` and what it comes from.

    ``new`` is what a node made the last time that it ran, ``old`` what it made before. An object
    that went through a drop is ``dropped``, with the object that it was as its origin: where paths
    meet, it is not the one that did not.
    """

    kind: str
    origin: Hashable

    @property
    def before(self) -> Object:
        """The object before it went through a drop."""
        return self.origin if isinstance(self.origin, Object) else self

    @property
    def outlasts(self) -> bool:
        """Whether it is there before and after the call of the function."""
        return self.before.kind in ("parameter", "attribute")


class NotRun(Exception):
    """A function that is not run in order."""


class Looks:
    """How many more objects may be looked at in the run of a function."""

    def __init__(self) -> None:
        self._left = _MOST_LOOKS

    def take(self, count: int) -> None:
        """Count looks. Raises `NotRun` when none are left."""
        self._left -= count
        if self._left < 0:
            raise NotRun


class Memory:
    """What names hold, what containers hold, and of which drops a tensor is the result or input.

    What looks through it raises `NotRun` once that has been done too often.
    """

    def __init__(self, looks: Looks | None = None) -> None:
        self.looks = looks or Looks()
        self.names: dict[str, Objects] = {}
        self.held: dict[Object, Objects] = {}
        self.dropped: dict[Object, frozenset[cst.CSTNode]] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Memory) and (
            (self.names, self.held, self.dropped) == (other.names, other.held, other.dropped)
        )

    __hash__ = None  # type: ignore[assignment]

    def copy(self) -> Memory:
        """A copy, without what no name reaches any more."""
        copy = Memory(self.looks)
        self.looks.take(len(self.names) + len(self.held) + len(self.dropped))
        copy.names = {name: objects for name, objects in self.names.items() if objects}
        live = self.reach(frozenset().union(*copy.names.values())) | self._outlasting()
        copy.held = {o: held for o, held in self.held.items() if o in live and held}
        copy.dropped = {o: drops for o, drops in self.dropped.items() if o in live}
        return copy

    def _outlasting(self) -> Objects:
        """What a caller or an attribute may hold besides."""
        return frozenset(o for o in (*self.held, *self.dropped) if o.outlasts)

    def joined(self, other: Memory) -> Memory:
        """What may be held where two paths meet."""
        both = self.copy()
        self.looks.take(len(other.names) + len(other.held) + len(other.dropped))
        paths = {name for name in (*self.names, *other.names) if "." in name}
        for path in paths:  # what is not noted is the attribute as it was
            both.names[path] = self.get(path) | other.get(path)
        for name, objects in other.names.items():
            if name not in paths:
                both.names[name] = both.names.get(name, NOTHING) | objects
        for obj, objects in other.held.items():
            both.held[obj] = both.held.get(obj, NOTHING) | objects
        for obj, drops in other.dropped.items():
            both.dropped[obj] = both.dropped.get(obj, frozenset()) | drops
        return both

    # --- names ------------------------------------------------------------------------------

    def get(self, path: str) -> Objects:
        """What a name or ``self.h`` may hold."""
        if path in self.names or "." not in path:
            return self.names.get(path, NOTHING)
        root = path.partition(".")[0]
        inside = self.reach(self.names.get(root, NOTHING))
        unchanged = Object("attribute", path)
        dropped = Object("dropped", unchanged)
        return inside | {unchanged} | ({dropped} & self.dropped.keys())

    def bind(self, path: str, objects: Objects) -> None:
        """Note that a name or ``self.h`` holds some objects and nothing else."""
        self.names[path] = objects
        self.looks.take(len(self.names) // 8)
        for other in [name for name in self.names if name.startswith(f"{path}.")]:
            del self.names[other]

    # --- objects ----------------------------------------------------------------------------

    def new(self, node: cst.CSTNode) -> Object:
        """What a node makes now; what it made before is an older object."""
        new, old = Object("new", node), Object("old", node)
        for made, before in ((new, old), (Object("dropped", new), Object("dropped", old))):
            if made in self.held or made in self.dropped or self._is_named(made):
                self._rename(made, before)
        return new

    def settle(self) -> None:
        """Tell what went through a drop from what did not, once a statement has run."""
        for obj in [obj for obj in self.dropped if obj.kind != "dropped"]:
            self._rename(obj, Object("dropped", obj))

    def _is_named(self, obj: Object) -> bool:
        self.looks.take(len(self.names) + len(self.held))
        return any(obj in objects for objects in (*self.names.values(), *self.held.values()))

    def _rename(self, new: Object, old: Object) -> None:
        self.looks.take(len(self.names) + len(self.held))

        def renamed(objects: Objects) -> Objects:
            return objects - {new} | {old} if new in objects else objects

        self.names = {name: renamed(objects) for name, objects in self.names.items()}
        self.held = {obj: renamed(objects) for obj, objects in self.held.items()}
        if new in self.held:
            self.held[old] = self.held.get(old, NOTHING) | self.held.pop(new)
        if new in self.dropped:
            drops = self.dropped.pop(new)
            self.dropped[old] = self.dropped.get(old, frozenset()) | drops

    def reach(self, objects: Objects) -> Objects:
        """Some objects and all that they hold."""
        reached, queue = set(objects), list(objects)
        while queue:
            held = self.held.get(queue.pop(), NOTHING)
            self.looks.take(1 + len(held) // 8)
            if not held <= reached:
                queue += held - reached
                reached |= held
        return frozenset(reached)

    def hold(self, containers: Iterable[Object], objects: Objects) -> None:
        """Note that each of some containers may hold some objects too."""
        for container in containers if objects else ():
            self.held[container] = self.held.get(container, NOTHING) | objects

    def drop(self, node: cst.CSTNode, objects: Objects) -> None:
        """Note that some objects are the result of a drop, or its input, which it may return."""
        for obj in objects:
            self.dropped[obj] = self.dropped.get(obj, frozenset()) | {node}

    def drops_of(self, objects: Objects) -> frozenset[cst.CSTNode]:
        """The drops of which one of the objects is the result or the input."""
        if not self.dropped:
            return frozenset()
        return frozenset().union(*(self.dropped.get(obj, frozenset()) for obj in objects))
