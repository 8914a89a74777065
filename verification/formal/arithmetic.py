# SPDX-License-Identifier: Apache-2.0
"""The checks of rounding, thresholds and decisions: all shapes in use, and edges of no spec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from verification.formal.check import Check, Fault, Size, complete
from verification.formal.shapes import Shape

EDGES: Sequence[Size] = [
    {"Shift": shift, "SourceWidth": source, "TargetWidth": target}
    for source, target in ((1, 2), (4, 8), (8, 4), (16, 16), (33, 9))
    for shift in (-3, -1, 0, 1, source - 1, source, source + 1, source + 7)
]
WIDTHS: Sequence[Size] = [{"Width": 2}, {"Width": 24}]
HALF = Fault("round_shift", "(Width'(1) << Right) >> 1", "(Width'(1) << Right) >> 2")
LOWEST = Fault("saturate", "(above == '1 && below != '0)", "(above == '1)")
TIE = Fault("grid_position", "state_i >= signed'", "state_i > signed'")


def checks(used: Mapping[str, Sequence[Shape]]) -> list[Check]:
    """One check a module, at the shapes that `shapes` found and at the edges."""

    def proof(
        name: str, claim: str, more: Sequence[Size], *faults: Fault, latency: int = 0
    ) -> Check:
        shapes = map(dict, used[name.replace("-", "_")])
        return complete(name, claim, [*more, *shapes], latency, *faults)

    return [
        proof(
            "requantize",
            "rounds half up, then saturates symmetrically",
            EDGES,
            HALF,
            LOWEST,
            Fault("round_shift", ">>> Right", ">> Right"),
        ),
        proof(
            "requantize-stages",
            "the same, two cycles later",
            EDGES,
            HALF,
            LOWEST,
            Fault("requantize_stages", "value_i(rounded_q)", "value_i(rounded)"),
            latency=2,
        ),
        proof(
            "soft-threshold",
            "moves towards zero by the threshold, and never across it",
            WIDTHS,
            Fault("soft_threshold", "[Width-1] == positive", "[Width-1] != positive"),
            Fault("soft_threshold", "threshold_i ^ {Width{positive}}, p", "threshold_i, p"),
        ),
        proof(
            "fold",
            "takes the magnitude from the crease",
            WIDTHS,
            Fault("fold", "positive = !value_i", "positive = value_i"),
            Fault("fold", "{crease_i, positive}", "{crease_i, 1'b0}"),
        ),
        proof(
            "box",
            "clips to the two borders",
            WIDTHS,
            Fault("box", "state_o = -bound_i", "state_o = bound_i"),
            Fault("box", "(Width + 1)'(update_i) + (Width", "(Width + 1)'(update_i) - (Width"),
        ),
        proof(
            "slicer",
            "its Gray bits decode to the number of thresholds not above the state",
            [],
            TIE,
            Fault("slicer", "({1'b0, position} >> 1)", "({1'b0, position} >> 2)"),
        ),
        proof(
            "grid-distance",
            "leads to the nearest grid point, the upper one of two",
            [],
            TIE,
            Fault("grid_distance", "- (Width + 1)'(Peak)", "- (Width + 1)'(Spacing)"),
        ),
        proof(
            "beat-clamp",
            "each field passes or becomes the nearer end of its format",
            [{"Count": 3, "SourceWidth": 5, "Width": 9}],
            LOWEST,
            Fault("beat_clamp", "value_i(beat_i[i*", "value_i(beat_i[0*"),
        ),
    ]
