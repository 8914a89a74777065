# SPDX-License-Identifier: Apache-2.0
"""Vectors that were received, beside H in a file of channels: detectors are measured on them."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from bitfold.system.description import load
from fixedpoint.numbers.modulation import MODULATIONS
from model import evaluate
from model.detectors.recorded import lines, measured
from model.systems.recorded import digest, recorded
from model.systems.system import System

NR, NT, DRAWS, SNR_DB = 4, 3, 100, 10.0
M = MODULATIONS["16qam"]


def arrays(vectors: int = 4, factor: float = 7.0) -> dict[str, Any]:
    """H, y, x and the SNR as a user would have them: H of another scale, y = Hx + n."""
    rng = np.random.default_rng(3)

    def normal(*shape: int) -> Any:
        return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) / 2**0.5

    h = normal(DRAWS, NR, NT) / NR**0.5
    grid = np.arange(-M.peak, M.peak + 1, 2)
    x = rng.choice(grid, (DRAWS, vectors, NT)) + 1j * rng.choice(grid, (DRAWS, vectors, NT))
    power = NT * M.symbol_energy / NR / 10 ** (SNR_DB / 10)
    y = np.einsum("gmn,gbn->gbm", h, x) + power**0.5 * normal(DRAWS, vectors, NR)
    return {"H": factor * h, "y": factor * y, "x": x, "snr_db": np.full(DRAWS, SNR_DB)}


def system(path: Path, **entries: Any) -> System:
    return System(nt=NT, nr=NR, modulation="16qam", channel="file", channel_file=str(path),
                  **entries)  # fmt: skip


def written(path: Path, **changed: Any) -> Path:
    kept = {name: value for name, value in (arrays() | changed).items() if value is not None}
    (savemat if path.suffix == ".mat" else lambda p, a: np.savez(p, **a))(path, kept)
    return path


def zero_forced(given: dict[str, Any]) -> int:
    """Wrong bits of zero forcing over the last 15 blocks, from the file's numbers alone."""
    wrong = 0
    labels = {-3: (0, 0), -1: (0, 1), 1: (1, 1), 3: (1, 0)}
    for h, y, x in zip(given["H"][85:], given["y"][85:], given["x"][85:], strict=True):
        for row, sent in zip(y, x, strict=True):
            found = np.linalg.pinv(h) @ row
            for a, b in zip([*found.real, *found.imag], [*sent.real, *sent.imag], strict=True):
                near = min(labels, key=lambda point: abs(point - a))
                wrong += sum(p != q for p, q in zip(labels[near], labels[round(b)], strict=True))
    return wrong


@pytest.mark.parametrize("suffix", [".npz", ".mat"])
def test_zero_forcing_has_the_errors_of_a_reference_over_the_tests_blocks(
    suffix: str, tmp_path: Path
) -> None:
    path = written(tmp_path / f"a{suffix}")
    (zf,) = measured(system(path), ["zf"])
    assert (zf.blocks, zf.vectors, zf.bits) == (15, 60, 60 * 2 * NT * M.bits)
    assert zf.errors == zero_forced(arrays())
    assert zf.errors > 50
    limits = [zf.low or 0.0, zf.ber or 0.0, zf.high or 0.0]
    assert 0 < limits[0] < limits[1] < limits[2]
    assert "60 recorded vectors of 15 test blocks" in lines([zf])[0]


def test_ml_leaves_less_than_the_noise_has_and_zero_forcing_more(tmp_path: Path) -> None:
    ml, zf = measured(system(written(tmp_path / "a.npz")), ["ml", "zf"])
    assert 0.3 < ml.residual < 1 < zf.residual


def test_scale_symbol_energy_and_shape_of_the_snr_change_nothing(tmp_path: Path) -> None:
    (mine,) = measured(system(written(tmp_path / "a.npz")), ["lmmse"])
    given, root = arrays(factor=0.01), M.symbol_energy**0.5
    unit = written(tmp_path / "unit.npz", **given | {
        "x": given["x"] / root, "y": given["y"] / root, "snr_db": np.full((DRAWS, 4), SNR_DB)
    })  # fmt: skip
    (other,) = measured(system(unit), ["lmmse"])
    assert (other.errors, other.ber) == (mine.errors, mine.ber)
    assert other.residual == pytest.approx(mine.residual, rel=1e-6)
    (drawn,) = measured(system(unit, channel_scale="draw"), ["zf"])
    assert drawn.errors == zero_forced(arrays())


def test_without_x_the_residual_is_what_is_told(tmp_path: Path) -> None:
    (one,) = measured(system(written(tmp_path / "a.npz", x=None)), ["lmmse"])
    assert one.errors is one.ber is None
    assert one.residual > 0
    assert "nothing to count" in lines([one])[1]
    assert measured(system(written(tmp_path / "b.npz", y=None)), ["lmmse"]) == []


@pytest.mark.parametrize(("changed", "words"), [
    ({"snr_db": None}, "y without snr_db"),
    ({"x": arrays()["x"] + 0.5}, "x has other points than 16qam"),
    ({"x": arrays()["x"][:, :2]}, "x has 2 vectors a draw, y 4"),
    ({"snr_db": np.zeros((DRAWS, 3))}, "snr_db has 3 entries a draw"),
    ({"H": np.repeat(arrays()["H"][:, None], 3, axis=1)}, "y has 4 vectors a draw, H 3"),
])  # fmt: skip
def test_what_does_not_fit_is_one_line(
    changed: dict[str, Any], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "a.npz", **changed)
    with pytest.raises(ValueError, match=words):
        measured(system(path), ["lmmse"])


def options(path: Path) -> list[str]:
    return ["--antennas", f"{NR}x{NT}", "--modulation", "16qam", "--channel", "file",
            "--channel-file", str(path), "--detectors", "lmmse", "--snr", "18", "--workers", "1",
            "--max-vectors", "100", "--min-vectors", "1"]  # fmt: skip


def test_evaluate_says_it_in_table_and_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = written(tmp_path / "a.npz"), tmp_path / "a.json"
    assert evaluate.main([*options(path), "--json", str(out)]) == 0
    assert "60 recorded vectors of 15 test blocks" in capsys.readouterr().out
    (entry,) = json.loads(out.read_text())["results"][0]["recorded"]
    (one,) = measured(system(path), ["lmmse"])
    assert entry == dataclasses.asdict(one)


def test_a_changed_file_is_another_sweep(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, journal = written(tmp_path / "a.npz"), str(tmp_path / "journal")
    words = [*options(path), "--journal", journal, "--resume"]
    assert evaluate.main(words) == 0
    assert evaluate.main(words) == 0
    before = digest(str(path))
    written(path, H=2 * arrays()["H"] + 1)
    assert digest(str(path)) != before
    assert evaluate.main(words) == 2
    assert "is of another sweep: channel_digest" in capsys.readouterr().err


def test_a_build_notices_a_changed_file(tmp_path: Path) -> None:
    path, file = written(tmp_path / "a.npz"), tmp_path / "system.toml"
    file.write_text('[system]\nantennas = "4x3"\n[channel]\nkind = "file"\nfile = "a.npz"\n')
    before, same = load(file).digest("system"), load(file).digest("system")
    written(path, H=2 * arrays()["H"])
    assert before == same != load(file).digest("system")


def test_matlabs_newest_format_is_read_by_h5py(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As MATLAB writes it: a header of 512 bytes, dimensions reversed, pairs of reals."""
    given, path = arrays(), tmp_path / "a.mat"
    pair = np.dtype([("real", "<f8"), ("imag", "<f8")])
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, value in given.items():
            turned = np.ascontiguousarray(value.T)
            file[name] = turned.view(pair) if np.iscomplexobj(turned) else turned
    with path.open("r+b") as raw:
        raw.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")
    plain = recorded(str(written(tmp_path / "a.npz")), "none", "train", NR, NT)
    assert np.array_equal(recorded(str(path), "none", "train", NR, NT), plain)
    (one,) = measured(system(path), ["zf"])
    assert one.errors == zero_forced(given)
    monkeypatch.setitem(sys.modules, "h5py", None)
    path.touch()
    path.write_bytes(path.read_bytes() + b"\0")
    with pytest.raises(ValueError, match=r"version 7\.3, which h5py reads: pip install h5py"):
        recorded(str(path), "none", "train", NR, NT)
