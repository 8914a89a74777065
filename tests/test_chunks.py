# SPDX-License-Identifier: Apache-2.0
"""Many vectors in chunks: the same integers, files and reports, in memory that does not grow."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from fixedpoint import golden as golden_main
from fixedpoint.detector import Detector
from fixedpoint.detectors import library as spec
from fixedpoint.numbers.format import Format
from fixedpoint.stress import extreme
from fixedpoint.support import chunks
from fixedpoint.support.pairwise import PairwiseSum
from fixedpoint.vectors import files as vectors
from fixedpoint.vectors import layers as golden
from fixedpoint.vectors import writer as vector_writer
from fixedpoint.vectors.given import Given
from fixedpoint.vectors.stimulus import Drawn, Stimulus

SHAPES = ((1, 1), (1, 1024), (1, 1025), (3, 2500), (2049, 1), (1023, 1), (70, 15), (1, 99_999))
FEW, MANY = 2_000, 12_000
GROWTH_MIB = 24
"""More than allocators waste, less than a tenth of what the wires of MANY vectors take."""
SMALL = {
    "pgd-box": "the fast path, one SNR a vector",
    "admm": "one SNR a block, F and P",
    "hpd-4qam-1bit": "converters",
    "fpd-16qam-2bit-hyper": "the hyper-network's images",
}


def chunked(made: Drawn | Given) -> Stimulus:
    """The chunks of a source, joined."""
    parts = [part for chunk, part in made.parts()]
    names = ("h", "y", "snr_db", "bits")
    return Stimulus(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@pytest.mark.parametrize("shape", SHAPES)
def test_chunks_cover_every_vector_once_and_in_order(shape: tuple[int, int]) -> None:
    seen, count = np.zeros(shape, dtype=int), 0
    for chunk in chunks.chunks(*shape):
        size = seen[chunk.part].size
        assert 1 <= size <= chunks.VECTORS + chunks.ALIGNED
        assert size > 1 or seen.size == 1
        assert seen.ravel()[:count].all()
        assert not seen[chunk.part].any()
        assert chunk.opens == (chunk.vectors.start == 0)
        seen[chunk.part] += 1
        count += size
    assert seen.all()


@pytest.mark.parametrize("total", [1, 7, 8, 129, 2**15, 2**15 + 1, 99_991, 1_000_003])
def test_a_sum_in_pieces_is_that_of_numpy_in_one(total: int) -> None:
    values = np.random.default_rng(total).standard_normal(total) ** 2
    for size in (1009, 40_000, total):
        made = PairwiseSum(total)
        for start in range(0, total, size):
            made.add(values[start : start + size])
        assert made.sum() == np.sum(values)


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("snr_db", [None, 12.0])
@pytest.mark.parametrize("count", [1, 1031, 2400])
def test_drawn_in_chunks_are_the_numbers_drawn_in_one(
    name: str, snr_db: float | None, count: int
) -> None:
    made = spec.load(name)
    found, expected = chunked(Drawn(made, count, 7, snr_db)), golden.draw(made, count, 7, snr_db)
    for field in ("h", "y", "snr_db", "bits"):
        np.testing.assert_array_equal(getattr(found, field), getattr(expected, field))


@pytest.mark.parametrize(("name", "count"), [*zip(SMALL, (2400, 1200, 1031, 1031), strict=True)])
def test_reports_and_files_are_those_of_one_piece(name: str, count: int, tmp_path: Path) -> None:
    made = spec.load(name)
    layers = golden.layer_names(made)
    whole = golden.run_layers(made, layers, golden.draw(made, count, 3, None), 3)
    vectors.write(tmp_path / "whole.vec", whole[-1].vectors())
    path = tmp_path / "chunks.vec"
    found = golden.write_layers(made, layers, Drawn(made, count, 3, None), 3, path)
    for report, expected in zip(found, whole, strict=True):
        assert golden_main.summary(report, path) == golden_main.summary(expected, path)
        assert golden_main.render(report, path) == golden_main.render(expected, path)
    assert path.read_bytes() == (tmp_path / "whole.vec").read_bytes()
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["chunks.vec", "whole.vec"]


def test_long_blocks_of_ones_own_vectors_are_cut_and_counted_once(tmp_path: Path) -> None:
    made, rng = spec.load("admm"), np.random.default_rng(4)
    arrays = {
        "H": 9 * rng.standard_normal((2, 32, 32)),
        "y": rng.standard_normal((2, 2500, 32)),
        "snr_db": np.array([5.0, 20.0]),
    }
    inputs = Detector(made).real_inputs(arrays["H"], arrays["y"], arrays["snr_db"])
    stimulus = Stimulus(inputs.h, inputs.y, inputs.snr_db, None)
    (whole,) = golden.run_layers(made, ["admm2"], stimulus, 0)
    vectors.write(tmp_path / "whole.vec", whole.vectors())
    source = Given.of(made, arrays)
    (found,) = golden.write_layers(made, ["admm2"], source, 0, tmp_path / "chunks.vec")
    assert (tmp_path / "chunks.vec").read_bytes() == (tmp_path / "whole.vec").read_bytes()
    assert found.report == whole.report
    assert (found.count, found.blocks, found.raised) == (5000, 2, whole.raised)
    # The twin's sums may depend on how many rows BLAS is given: by rounding errors, no more.
    assert found.twin is not None
    assert whole.twin is not None
    assert found.twin.rms == pytest.approx(whole.twin.rms, rel=1e-12)


def test_a_second_snr_in_a_later_chunk_of_a_block_is_refused() -> None:
    made, snr = Detector.load("admm"), np.full((1, 2500), 5.0)
    snr[0, 2400] = 6.0
    h, y = np.ones((1, 32, 32)), np.ones((1, 2500, 32))
    with pytest.raises(ValueError, match="vector 2400 of block 0 has the SNR index"):
        made.run(h, y, snr)
    with pytest.raises(ValueError, match="vector 2400 of block 0 has the SNR index"):
        Given.of(made.spec, {"H": h, "y": y, "snr_db": snr})


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("shape", [(1, 2100), (1100, 2)])
def test_a_detector_decides_in_chunks_as_its_wires_do(name: str, shape: tuple[int, int]) -> None:
    made = Detector.load(name)
    h, y, index = extreme.vectors(made.spec, 5, *shape)
    output = made.run_integers(h, y, index)
    wires = made.wires(h, y, index)
    last = golden.last_layer(made.spec)
    np.testing.assert_array_equal(output.state, wires[f"{last}.state"])
    np.testing.assert_array_equal(output.bits, wires[f"{last}.bits"])
    drawn = golden.draw(made.spec, 1200, 2, None)
    found = made.run(drawn.h, drawn.y, drawn.snr_db)
    integers = made.quantize(drawn.h, drawn.y, drawn.snr_db)
    wires = made.wires(integers.h, integers.y, integers.index)
    np.testing.assert_array_equal(found.state, wires[f"{last}.state"])
    assert {found.state.dtype, found.bits.dtype} == {np.dtype(np.int64)}


def test_a_run_that_fails_leaves_no_file(tmp_path: Path) -> None:
    made = spec.load("pgd")
    header = vector_writer.Header(made.digest, "pgd1", 0, 2, 3)
    formats, y = {"y": Format(4, 0)}, np.zeros((1, 3, 4), int)

    def write() -> None:
        with vector_writer.writing(tmp_path / "new/x.vec", header) as writer:
            writer.add({"y": y}, formats)
            writer.add({"y": y * 0.5}, formats)

    with pytest.raises(ValueError, match="y has the type float64"):
        write()
    assert list((tmp_path / "new").iterdir()) == []


def peak_mib(code: str) -> float:
    """The peak memory of a process of its own that runs the code, in MiB."""
    code += "\nimport resource; print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=600
    )
    return int(done.stdout.splitlines()[-1]) / 1024


@pytest.mark.parametrize("layer", ["pgd1", "admm1"])
def test_memory_of_the_golden_command_does_not_grow_with_the_vectors(
    layer: str, tmp_path: Path
) -> None:
    def peak(count: int) -> float:
        arguments = ["--layer", layer, "--vectors", str(count), "--out", str(tmp_path)]
        text = json.dumps(arguments)
        return peak_mib(f"from fixedpoint import golden; golden.main({text})")

    assert peak(MANY) - peak(FEW) < GROWTH_MIB


@pytest.mark.parametrize("name", ["hpd-16qam-2bit", "admm-box"])
def test_memory_of_a_detector_grows_by_its_inputs_and_results_alone(name: str) -> None:
    def peak(count: int) -> float:
        return peak_mib(f"""
import numpy as np
from fixedpoint.detector import Detector
made = Detector.load({name!r})
h = np.ones((made.spec.rows // 2, made.spec.columns // 2), complex) / 8
made.run(h, np.ones(({count}, made.spec.rows // 2), complex), 10.0)
""")

    made = spec.load(name)
    bits = made.columns * made.constellation.bits
    results = 8 * (made.rows + 3 * made.columns + bits)  # bytes a vector, inputs included
    assert peak(MANY) - peak(FEW) < (MANY - FEW) * results / 2**20 + GROWTH_MIB
