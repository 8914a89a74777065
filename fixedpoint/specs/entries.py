# SPDX-License-Identifier: Apache-2.0
"""A spec's entries by their paths, `layers.step`, and the spec with other constants in them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from fixedpoint.numbers.bank import odd_reciprocal
from fixedpoint.numbers.format import Format
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support.schema import Entries

Spec = TypeVar("Spec", bound=DetectorSpec)


def leaves(spec: DetectorSpec) -> dict[str, str]:
    """The entry of each constant and each bank that a spec may be given others of.

    By its name in the spec's program: `eta` → `layers.eta`. Without reciprocals, which follow.
    """
    return {entry.rpartition(".")[2]: entry for entry in spec.number_formats}


def reciprocals(spec: DetectorSpec) -> dict[str, str]:
    """Banks that are one over another one, by their names in the program: `inverse` → `step`."""
    return {entry.rpartition(".")[2]: of.rpartition(".")[2]
            for entry, of in spec.reciprocal_entries.items()}  # fmt: skip


def own_formats(spec: DetectorSpec) -> dict[str, Format]:
    """Those of the entry `formats` that each class declares."""
    own = vars(spec)["formats"]
    return dict(own) if isinstance(own, Entries) else dict(vars(own))


def with_constants(
    spec: Spec, reals: Mapping[str, NDArray[np.float64]], provenance: str
) -> Spec:  # fmt: skip
    """The spec with other real constants (layers,) and banks (layers, entries), where given.

    reals: by their names, see `leaves`. Each is rounded half up to its format and saturated, and
    is one last bit at least where 0 is no value; reciprocals are made anew. Raises `SpecError` on
    what no spec of it can hold.
    """
    tree, named, formats = Tree(spec), leaves(spec), own_formats(spec)
    for name, values in reals.items():
        entry, fmt = named[name], formats[spec.number_formats[named[name]]]
        q = fmt.quantize(values)
        tree.put(entry, _tuples(np.maximum(q, 1) if entry in spec.positive_entries else q))
    for entry, of in spec.reciprocal_entries.items():
        one, other = formats[spec.number_formats[of]], formats[entry.rpartition(".")[2]]
        tree.put(entry, mapped(tree.get(of), Reciprocal(one, other)))
    return spec.replace(provenance=provenance, **tree.roots)


class Tree:
    """A spec's entries by their paths, with what becomes of them."""

    def __init__(self, spec: DetectorSpec) -> None:
        self.spec = spec
        self.roots: dict[str, Any] = {}

    def get(self, path: str) -> Any:
        """What an entry is now: nested tuples below tuples of layers."""
        root, *rest = path.split(".")
        return _inside(self.roots.get(root, getattr(self.spec, root)), rest)

    def put(self, path: str, value: Any) -> None:
        """Replace an entry; below a tuple of layers with a value for each."""
        root, *rest = path.split(".")
        now = self.roots.get(root, getattr(self.spec, root))
        self.roots[root] = _replaced(now, rest, value)

    def change(self, path: str, change: Callable[[Any], Any]) -> None:
        """Replace an entry by what it becomes."""
        self.put(path, change(self.get(path)))


def _inside(node: Any, path: list[str]) -> Any:
    if not path:
        return node
    if isinstance(node, tuple):
        return tuple(_inside(each, path) for each in node)
    return _inside(node[path[0]] if isinstance(node, Entries) else getattr(node, path[0]), path[1:])


def _replaced(node: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    if isinstance(node, tuple):
        return tuple(_replaced(each, path, one) for each, one in zip(node, value, strict=True))
    inner = _inside(node, path[:1])
    new = {path[0]: _replaced(inner, path[1:], value)}
    return Entries.of({**node, **new}) if isinstance(node, Entries) else dataclasses.replace(
        node, **new)  # fmt: skip


def mapped(node: Any, change: Callable[[int], int]) -> Any:
    """A function on every integer of nested tuples."""
    if isinstance(node, tuple):
        return tuple(mapped(inner, change) for inner in node)
    return change(node)


def flat(node: Any) -> list[int]:
    """Every integer of nested tuples."""
    return [q for inner in node for q in flat(inner)] if isinstance(node, tuple) else [node]


def _tuples(values: Any) -> Any:
    """Of an array of integers, any shape."""
    return tuple(map(_tuples, values)) if np.ndim(values) else int(values)


@dataclass(frozen=True)
class Reciprocal:
    """1/Δ of an integer Δ."""

    of: Format
    to: Format

    def __call__(self, q: int) -> int:
        """The odd integer."""
        return odd_reciprocal(q, self.of, self.to)
