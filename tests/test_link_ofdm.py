# SPDX-License-Identifier: Apache-2.0
"""bitfold's detectors on resource grids of Sionna, and PUSCH slots."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from sionna.phy import config
from sionna.phy.channel import ApplyOFDMChannel
from sionna.phy.mimo import StreamManagement
from sionna.phy.ofdm import ResourceGrid, ResourceGridMapper
from torch import Tensor

from fixedpoint.detectors import library
from model.link import pilots
from model.link.__main__ import main
from model.link.ofdm import BitfoldOFDMDetector

SMALL = library.load("admm-box-soft").replace(name="small", rows=8, columns=4)


def grid(symbols: int = 14) -> ResourceGrid:
    """Two transmitters of one stream on 14 symbols, two of them pilots, and 12 subcarriers."""
    return ResourceGrid(symbols, 12, 30e3, num_tx=2, num_streams_per_tx=1,
                        pilot_pattern="kronecker", pilot_ofdm_symbol_indices=[2, 11])  # fmt: skip


config.device, config.seed = "cpu", 4
GRID = grid()
"""One for both sides: the pilots of two grids are drawn apart."""
STREAMS = StreamManagement(np.ones([1, 2], bool), 1)


@pytest.fixture(autouse=True)
def seeded() -> None:
    config.device, config.seed = "cpu", 5


def received(no: float, sent: ResourceGrid | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """Bits, the grid y and the true channels, which are constant over symbols."""
    from sionna.phy.mapping import BinarySource, Mapper

    made = GRID if sent is None else sent
    bits = BinarySource()([3, 2, 1, made.num_data_symbols * 4])
    x = ResourceGridMapper(made)(Mapper("qam", 4)(bits))
    h = torch.randn(3, 1, 4, 2, 1, 1, 12, dtype=torch.complex64).expand(3, 1, 4, 2, 1, 14, 12)
    return bits, ApplyOFDMChannel()(x, h, torch.tensor(no)), h


def test_data_come_back_and_equal_channels_are_prepared_once() -> None:
    bits, y, h = received(1e-3)
    for hard in (False, True):
        block = BitfoldOFDMDetector(SMALL, GRID, STREAMS, hard)
        found = block(y, h, torch.tensor(0.0), torch.tensor(1e-3))
        assert found.shape == bits.shape
        assert ((found > 0) != (bits > 0)).double().mean() < 0.05
        assert block.prepared == 3 * 12


def test_a_group_of_subcarriers_has_one_preparation() -> None:
    _, y, h = received(1e-3)
    flat = h[..., :1].expand_as(h)
    block = BitfoldOFDMDetector(SMALL, GRID, STREAMS, group=5, check_pilots=False)
    block(y, h, torch.tensor(0.0), torch.tensor(1e-3))
    assert block.prepared == 3 * 3
    alone = BitfoldOFDMDetector(SMALL, GRID, STREAMS, check_pilots=False)
    one, other = (each(y, flat, torch.tensor(0.0), torch.tensor(0.1)) for each in (block, alone))
    assert (one != other).double().mean() < 0.01


@pytest.mark.parametrize(
    ("change", "said"),
    [({"no": torch.tensor(0.0)}, "no 0: a noise variance above 0"),
     ({"no": torch.ones(5)}, r"no has the shape \(5,\)"),
     ({"y": torch.zeros(3, 1, 4, 10, 12, dtype=torch.complex64)}, "another grid"),
     ({"h": torch.zeros(3, 1, 4, 2, 1, 14, 9, dtype=torch.complex64)}, "pilots of another grid")],
)  # fmt: skip
def test_inputs_of_another_grid_are_one_line(change: dict[str, Tensor], said: str) -> None:
    _, y, h = received(0.1)
    given = {"y": y, "h": h, "no": torch.tensor(0.1)} | change
    block = BitfoldOFDMDetector(SMALL, GRID, STREAMS)
    with pytest.raises(ValueError, match=said):
        block(given["y"], given["h"], torch.tensor(0.0), given["no"])


@pytest.mark.parametrize("no", [1e-3, 1.0])
def test_other_pilots_of_the_same_sizes_are_one_line(no: float) -> None:
    """Other values at the same places, and data where the block expects pilots."""
    moved = ResourceGrid(14, 12, 30e3, num_tx=2, num_streams_per_tx=1,
                         pilot_pattern="kronecker", pilot_ofdm_symbol_indices=[3, 10])  # fmt: skip
    for sent in (grid(), moved):
        _, y, h = received(no, sent)
        given = y, h, torch.tensor(0.0), torch.tensor(no)
        with pytest.raises(ValueError, match="in its symbols 2, 11") as caught:
            BitfoldOFDMDetector(SMALL, GRID, STREAMS)(*given)
        assert "\n" not in str(caught.value)
        BitfoldOFDMDetector(SMALL, GRID, STREAMS, check_pilots=False)(*given)
        BitfoldOFDMDetector(SMALL, sent, STREAMS)(*given)


@pytest.mark.parametrize("no", [1e-3, 1.0, 100.0])
def test_the_grid_s_own_pilots_are_never_refused(no: float) -> None:
    """Nor in noise, nor by an estimate that is mostly noise."""
    for _ in range(20):
        _, y, h = received(no)
        rough = h + no**0.5 * torch.randn_like(h)
        for estimate, error in ((h, 0.0), (rough, no)):
            pilots.check(GRID, y, estimate, torch.tensor(error), torch.tensor(no))


def test_a_grid_of_other_streams_is_refused() -> None:
    with pytest.raises(ValueError, match="has 2 streams, spec admm-box-soft 16"):
        BitfoldOFDMDetector("admm-box-soft", grid(), STREAMS)
    with pytest.raises(ValueError, match="group 0"):
        BitfoldOFDMDetector(SMALL, GRID, STREAMS, group=0)


@pytest.mark.parametrize("channel", ["tdl-a", "cdl-c"])
def test_pusch_slots_are_decoded(channel: str, tmp_path: Path) -> None:
    """Estimated channels; at a bad SNR every transport block is wrong, at a good one few are."""
    spec, out = tmp_path / "small.json", tmp_path / "pusch.json"
    SMALL.replace(name="small", rows=16, columns=4).save(spec)
    argv = ["pusch", "--spec", str(spec), "--channel", channel, "--snr=-10,25", "--slots", "3",
            "--resource-blocks", "1", "--json", str(out)]  # fmt: skip
    assert main(argv) == 0
    found = json.loads(out.read_text())["bler"]
    assert list(found) == ["lmmse", "golden small"]
    for low, high in found.values():
        assert low["value"] == 1
        assert high["value"] <= 0.5


def test_groups_see_the_same_slots(tmp_path: Path) -> None:
    """A receiver gives the same beside another one as alone."""
    spec = tmp_path / "small.json"
    SMALL.replace(name="small", rows=16, columns=4).save(spec)
    rows = []
    for groups in (["1", "12"], ["1"]):
        out = tmp_path / "pusch.json"
        argv = ["pusch", "--spec", str(spec), "--snr=2", "--slots", "4", "--resource-blocks", "1",
                "--group", *groups, "--json", str(out)]  # fmt: skip
        assert main(argv) == 0
        rows.append(json.loads(out.read_text())["bler"])
    assert list(rows[0]) == ["lmmse", "golden small", "golden small, groups of 12"]
    assert {name: rows[0][name] for name in rows[1]} == rows[1]


@pytest.mark.parametrize(
    ("options", "said"),
    [(["--spec", "admm-box-soft"], "has 16 streams: PUSCH has 8"),
     (["--spec", "SMALL", "--channel", "umi"], "channel 'umi' is not one of"),
     (["--spec", "SMALL", "--mcs", "3"], "mcs 3 has 2 bits a symbol"),
     (["--spec", "SMALL", "--group", "4", "0"], "groups 4, 0: different numbers"),
     (["--spec", "SMALL", "--slots", "0"], "0 slots"),
     (["--spec", "SMALL", "--resource-blocks", "0"], "0 resource blocks")],
)  # fmt: skip
def test_mistakes_are_one_line(
    options: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    SMALL.save(tmp_path / "small.json")
    argv = [str(tmp_path / "small.json") if word == "SMALL" else word for word in options]
    assert main(["pusch", *argv]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
