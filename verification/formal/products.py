# SPDX-License-Identifier: Apache-2.0
"""The checks of multipliers and sums.

A SAT solver does not end on a wide product made in two ways. Such a shape has `Split`: its plain
product is made of parts, by the law of distribution. Narrow ones are proven against the plain `*`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from verification.formal.check import Check, Fault, Size, complete, sizes
from verification.formal.shapes import Shape

DECIDABLE = 12  # bits of both factors together
LIMB_PRODUCTS: Sequence[Size] = [
    {"AWidth": a, "BWidth": b, "MultiplierWidth": m, "ProductWidth": a + b}
    for a, b, m in ((2, 2, 2), (5, 4, 3), (7, 3, 3), (19, 2, 18), (2, 19, 18), (3, 20, 2))
]
COPY_PRODUCTS = sizes("FirstWidth SecondWidth", (2, 6), (3, 5), (4, 6), (5, 4))
# Whole arrays, of factors so narrow that their sums are decided.
ARRAYS = sizes(
    "Columns RowsPerWord Vectors EntryWidth OperandWidth ResultWidth "
    "RowSumWidth ColumnSumWidth RowPass",
    (2, 2, 1, 3, 3, 3, 8, 7, 1),
    (3, 2, 1, 2, 3, 4, 7, 7, 1),
    (2, 3, 1, 3, 2, 2, 7, 6, 1),
    (2, 2, 2, 2, 2, 3, 6, 6, 1),
    (4, 2, 2, 2, 3, 2, 7, 5, 1),
    (2, 4, 1, 2, 2, 3, 6, 6, 0),
)


def checks(used: Mapping[str, Sequence[Shape]]) -> list[Check]:
    """One check a module, at the shapes that `shapes` found and at small ones."""
    return [
        complete(
            "product",
            "is the plain product, two cycles later",
            [*LIMB_PRODUCTS, *map(_limbs, map(dict, used["product"]))],
            2,
            Fault("product", "(i == ALimbs - 1) && a_i", "a_i"),
            Fault("product", "<< (AFirst + BFirst)", "<< AFirst"),
        ),
        complete(
            "logic-product",
            "is the plain product of symmetric factors, two cycles later",
            [*COPY_PRODUCTS, *map(_copies, map(dict, used["logic_product"]))],
            2,
            Fault("logic_product", "(n == FirstWidth - 1) ? -copy", "(n == 0) ? -copy"),
            Fault("logic_product", "<<< (1 << (l - 1))", "<<< l"),
        ),
        complete(
            "adder-tree",
            "is the plain sum, a cycle a level later",
            list(map(dict, used["adder_tree"])),
            5,
            Fault("adder_tree", "(Width + l < SumWidth) ? Width + l", "(Width < SumWidth) ? Width"),
            Fault("adder_tree", "gen_node[2*n+1]", "gen_node[2*n]"),
        ),
        complete(
            "mac-array",
            "holds the plain products of each lane, and adds them to the plain sums of both passes",
            [*ARRAYS, *_lanes(map(dict, used["mac_array"]))],
            4,
            Fault("mac_array", "zero_i ? '0 :", "!zero_i ? '0 :"),
            Fault("mac_array", "+ signed'(Half)", ""),
            Fault(
                "mac_array",
                "((v*RowsPerWord+i)*Columns+n)*RowWidth",
                "((i*Vectors+v)*Columns+n)*RowWidth",
            ),
            Fault("packed_factor", "- FactorWidth'(first < 0)", ""),
            Fault("packed_factor", "ProductWidth'(first)}", "ProductWidth'(unsigned'(first))}"),
        ),
    ]


def _limbs(size: Size) -> Size:
    """A product in use: made of parts if it has several limbs."""
    return {**size, "Split": int(size["AWidth"] > size["MultiplierWidth"] or size["BWidth"] > 18)}


def _copies(size: Size) -> Size:
    """A product in logic in use: made of parts if it is wide."""
    return {**size, "Split": int(size["FirstWidth"] + size["SecondWidth"] > DECIDABLE)}


def _lanes(arrays: Iterable[Size]) -> list[Size]:
    """One multiplier of each array in use, without sums: their widths are of no account then."""
    one = {"Columns": 1, "RowsPerWord": 1, "RowSumWidth": 32, "ColumnSumWidth": 32}
    lanes = ({**size, **one, "Split": int(size["Vectors"] > 1)} for size in arrays)
    return [dict(lane) for lane in sorted({tuple(sorted(lane.items())) for lane in lanes})]
