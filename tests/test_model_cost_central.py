# SPDX-License-Identifier: Apache-2.0
"""The operations of one receiver's detectors, counted again by walking through each algorithm."""

from __future__ import annotations

import dataclasses

import pytest

from fixedpoint.specs.prepare import operations
from model.detectors.cost.central import kbest, paths, table
from model.systems.system import SYSTEMS

SYSTEM = SYSTEMS["16x16-16qam"]


def test_the_unfolded_nets_multiply_what_the_documents_say() -> None:
    rows = dict(table(SYSTEM))
    assert rows["ADMM-Net"].block == sum(operations(32, 32).values()) == 67_088
    assert rows["LMMSE"].block == 67_088 - 528
    assert (rows["ADMM-Net"].products, rows["PGD-Net"].products) == (5760, 9 * 1024 + 640)


@pytest.mark.parametrize("k", [1, 4, 8, 16, 64])
def test_kbest_costs_what_a_search_does(k: int) -> None:
    levels, points = 6, 4
    system = dataclasses.replace(SYSTEM, nt=levels // 2, nr=5)
    alive, adds, squares = 1, 0, 0
    for level in range(levels):
        for _ in range(alive):
            adds += level
            squares += points
        alive = min(k, alive * points)
    found = kbest(system, k)
    assert (found.shift_adds, found.squares, found.products) == (adds, squares, 10 * levels)


def test_gram_schmidt_of_the_extended_matrix_costs_rows_times_columns_squared() -> None:
    rows, columns = 10, 6
    walked = 0
    for column in range(columns):
        walked += rows + columns  # its norm
        walked += 2 * (rows + columns) * (columns - column - 1)  # inner products and updates
    assert kbest(dataclasses.replace(SYSTEM, nt=3, nr=5), 4).block == walked


def test_no_level_starts_from_more_paths_than_there_are() -> None:
    assert paths(4, 8, 4) == [1, 4, 8, 8]
