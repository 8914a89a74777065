# SPDX-License-Identifier: Apache-2.0
"""The checks of the arithmetic: all shapes in use, and edges that no spec has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from verification.formal.check import Check, Fault, Size
from verification.formal.shapes import Shape

NAMES = (
    "requantize",
    "requantize-stages",
    "product",
    "logic-product",
    "soft-threshold",
    "box",
    "slicer",
    "grid-distance",
    "beat-clamp",
)
EDGES: Sequence[Size] = [
    {"Shift": shift, "SourceWidth": source, "TargetWidth": target}
    for source, target in ((1, 2), (4, 8), (8, 4), (16, 16), (33, 9))
    for shift in (-3, -1, 0, 1, source - 1, source, source + 1, source + 7)
]
# Of several limbs: products of more bits than these are beyond a SAT solver (docs/verification.md).
LIMB_PRODUCTS: Sequence[Size] = [
    {"AWidth": a, "BWidth": b, "MultiplierWidth": m, "ProductWidth": a + b}
    for a, b, m in ((2, 2, 2), (5, 4, 3), (7, 3, 3), (19, 2, 18), (2, 19, 18), (3, 20, 2))
]


def _provable(size: Size) -> bool:
    """True of one limb, or of a product so narrow that a SAT solver decides it in a second."""
    limbs = size["AWidth"] > size["MultiplierWidth"] or size["BWidth"] > 18
    return not limbs or size["AWidth"] + size["BWidth"] <= 12


def checks(used: Mapping[str, Sequence[Shape]]) -> list[Check]:
    """One check a module, at the shapes that `shapes` found and at the edges."""

    def sizes(module: str, *more: Size) -> list[Size]:
        return [*map(dict, used[module]), *more]

    half = Fault("round_shift", "(Width'(1) << Right) >> 1", "(Width'(1) << Right) >> 2")
    lowest = Fault("saturate", "(above == '1 && below != '0)", "(above == '1)")
    return [
        Check(
            "requantize",
            "rounds half up, then saturates symmetrically",
            "requantize",
            sizes("requantize", *EDGES),
            1,
            (half, lowest, Fault("round_shift", ">>> Right", ">> Right")),
            complete=True,
        ),
        Check(
            "requantize-stages",
            "the same, two cycles later",
            "requantize_stages",
            sizes("requantize_stages", *EDGES),
            3,
            (half, lowest, Fault("requantize_stages", "value_i(rounded_q)", "value_i(rounded)")),
            complete=True,
        ),
        Check(
            "product",
            "is the plain product, two cycles later",
            "product",
            [*filter(_provable, sizes("product")), *LIMB_PRODUCTS],
            3,
            (
                Fault("product", "(i == ALimbs - 1) && a_i", "a_i"),
                Fault("product", "<< (AFirst + BFirst)", "<< AFirst"),
            ),
            complete=True,
        ),
        Check(
            "logic-product",
            "is the plain product of symmetric factors, two cycles later",
            "logic_product",
            [{"FirstWidth": n, "SecondWidth": m} for n, m in ((2, 6), (3, 5), (4, 6), (5, 4))],
            3,
            (
                Fault("logic_product", "(n == FirstWidth - 1) ? -copy", "(n == 0) ? -copy"),
                Fault("logic_product", "<<< (1 << (l - 1))", "<<< l"),
            ),
            complete=True,
        ),
        Check(
            "soft-threshold",
            "moves towards zero by the threshold, and never across it",
            "soft_threshold",
            sizes("soft_threshold", {"Width": 2}, {"Width": 24}),
            1,
            (
                Fault("soft_threshold", "if (!above[Width])", "if (above[Width])"),
                Fault("soft_threshold", "Width'(below);", "Width'(above);"),
            ),
            complete=True,
        ),
        Check(
            "box",
            "clips to the two borders",
            "box",
            sizes("box", {"Width": 2}, {"Width": 24}),
            1,
            (
                Fault("box", "state_o = -bound_i", "state_o = bound_i"),
                Fault("box", "(Width + 1)'(update_i) + (Width", "(Width + 1)'(update_i) - (Width"),
            ),
            complete=True,
        ),
        Check(
            "slicer",
            "its Gray bits decode to the number of thresholds not above the state",
            "slicer",
            sizes("slicer"),
            1,
            (
                Fault("grid_position", "state_i >= signed'", "state_i > signed'"),
                Fault("slicer", "({1'b0, position} >> 1)", "({1'b0, position} >> 2)"),
            ),
            complete=True,
        ),
        Check(
            "grid-distance",
            "leads to the nearest grid point, the upper one of two",
            "grid_distance",
            sizes("grid_distance"),
            1,
            (
                Fault("grid_position", "state_i >= signed'", "state_i > signed'"),
                Fault("grid_distance", "- (Width + 1)'(Peak)", "- (Width + 1)'(Spacing)"),
            ),
            complete=True,
        ),
        Check(
            "beat-clamp",
            "each field passes or becomes the nearer end of its format",
            "beat_clamp",
            sizes("beat_clamp", {"Count": 3, "SourceWidth": 5, "Width": 9}),
            1,
            (lowest, Fault("beat_clamp", "value_i(beat_i[i*", "value_i(beat_i[0*")),
            complete=True,
        ),
    ]
