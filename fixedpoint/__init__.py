# SPDX-License-Identifier: Apache-2.0
"""bitfold's integer contract in numpy: formats, specs, golden models, channel and ADC."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fixedpoint.detector import Detection, Detector, InputWarning
    from fixedpoint.detectors.library import DetectorSpec
    from fixedpoint.numbers.format import Format
    from fixedpoint.support.schema import SpecError

__all__ = ["Detection", "Detector", "DetectorSpec", "Format", "InputWarning", "SpecError"]

_HOMES = {
    "Detection": "detector",
    "Detector": "detector",
    "DetectorSpec": "specs.detector",
    "Format": "numbers.format",
    "InputWarning": "detector",
    "SpecError": "support.schema",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used, so that `python -m fixedpoint.spec` is itself."""
    if name not in _HOMES:
        raise AttributeError(f"module 'fixedpoint' has no attribute {name!r}")
    return getattr(import_module(f"fixedpoint.{_HOMES[name]}"), name)
