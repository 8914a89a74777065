# SPDX-License-Identifier: Apache-2.0
"""The torch view of a program against the golden one, and single operations of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from fixedpoint.detectors.registry import program
from fixedpoint.program.graph import Program
from fixedpoint.program.values import Value, walk
from fixedpoint.program.views.interpret import Inputs, Layer
from fixedpoint.stress import pgd as stress
from model.view.net import View, fake_quantized

SMALL = program(stress.spec("box", 8, 4))


def differing(made: Program, given: Inputs, golden: Mapping[str, Any]) -> dict[str, int]:
    """The wires on which the fake-quantized twin is not the golden model, with how many values."""
    found: dict[str, int] = {}
    with torch.no_grad():
        layers = fake_quantized(made)(given)
    for name, part, _ in made.parts:
        for wire, value in part.wires.items():
            got, q = (getattr(view[name], wire) for view in (layers, golden))
            assert got.shape == q.shape, (name, wire)
            wrong = int(np.sum(got.numpy() != np.asarray(q) * 2.0**-value.frac))
            if wrong:
                found[f"{name}.{wire}"] = wrong
    return found


def check(made: Program, given: Inputs, golden: Mapping[str, Any]) -> None:
    """For `tests.fuzz_programs`."""
    assert differing(made, given, golden) == {}, "torch view"


NOTHING = Inputs({}, {}, np.zeros((1, 1), np.int64))


def computed(
    net: View,
    result: Value,
    known: Mapping[Value, torch.Tensor],
    number: int = 0,
    given: Inputs = NOTHING,
) -> torch.Tensor:
    """The real values of a result from those of what it is computed from."""
    layer, rule = Layer(net.program, given, number, {}, dict(known)), net.rule()
    for value in walk([result], frozenset(known)):
        if value not in layer.found:
            layer.found[value] = rule(value, layer)
    found: torch.Tensor = layer[result]
    return found
