"""Training, resuming, choosing ε, exporting, and what the commands say to bad options."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from fixedpoint import spec as specs
from fixedpoint.format import Format
from fixedpoint.spec import odd_reciprocal
from model import checkpoint, evaluate, export, floats, rebuild, train, twin
from model.accuracy import half_width
from model.config import TrainConfig
from model.data import dataset, uniform_snr
from model.export import constant, layer_of
from model.nets import float_net, net_of, statistics
from model.pgd import Constants, PgdNet
from model.trainer import LOG, Trainer

torch.set_num_threads(1)
TINY = TrainConfig(samples=512, validation=60, float_epochs=2, epochs=2, learning_rate=5e-3)


def silent(stage: str, epoch: int, done: int, total: int) -> None:
    """No progress bar."""


class StopError(Exception):
    """Raised by a report, as Ctrl-C would be."""


def run(config: TrainConfig, out: Path, resume: bool = False) -> checkpoint.Checkpoint:
    Trainer(config, out, resume, silent).run()
    return checkpoint.load(out)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny KAQ training: SNR-driven Δ and the MMD loss."""
    out = tmp_path_factory.mktemp("trained")
    run(dataclasses.replace(TINY, mmd="bounded", epsilon=100.0), out)
    return out


@pytest.mark.parametrize("stage", ["float", "quantized"])
@pytest.mark.parametrize("mmd", ["none", "bounded"])
def test_a_resumed_training_gives_the_digits_of_an_uninterrupted_one(
    tmp_path: Path, stage: str, mmd: str
) -> None:
    config = dataclasses.replace(TINY, mmd=mmd, epsilon=0.0 if mmd == "none" else 100.0)
    whole = run(config, tmp_path / "whole")

    def interrupt(at: str, epoch: int, done: int, total: int) -> None:
        if (at, epoch, done) == (stage, 1, 2):
            raise StopError

    with pytest.raises(StopError):
        Trainer(config, tmp_path / "parts", False, interrupt).run()
    parts = run(config, tmp_path / "parts", resume=True)
    assert whole.tensors.keys() == parts.tensors.keys()
    assert all(torch.equal(whole.tensors[k], parts.tensors[k]) for k in whole.tensors)
    assert (tmp_path / "whole" / LOG).read_text() == (tmp_path / "parts" / LOG).read_text()


def test_training_is_deterministic_and_depends_on_the_seed(trained: Path, tmp_path: Path) -> None:
    first = checkpoint.load(trained)
    config = TrainConfig.from_json(first.config)
    again = run(config, tmp_path / "again")
    assert all(torch.equal(first.tensors[k], again.tensors[k]) for k in first.tensors)
    other = run(dataclasses.replace(config, seed=1), tmp_path / "other")
    assert not torch.equal(first.part("net")["constants.eta"], other.part("net")["constants.eta"])


@pytest.mark.parametrize("prox", ["soft", "box"])
@pytest.mark.parametrize("quantizer", ["float", "fixed", "learned", "snr"])
def test_training_lowers_the_loss_and_the_ber(tmp_path: Path, prox: str, quantizer: str) -> None:
    run(dataclasses.replace(TINY, prox=prox, quantizer=quantizer, float_epochs=4), tmp_path)
    entries = [json.loads(line) for line in (tmp_path / LOG).read_text().splitlines()]
    assert entries[-1]["loss"] < 0.9 * entries[0]["loss"]
    assert entries[-1]["mean_ber"] < entries[0]["mean_ber"]
    stage = "float" if quantizer == "float" else "quantized"
    assert (entries[-1]["stage"], entries[-1]["seed"]) == (stage, 0)


def test_a_float_net_of_another_prox_can_teach_and_a_quantized_one_cannot(
    trained: Path, tmp_path: Path
) -> None:
    run(dataclasses.replace(TINY, prox="box", quantizer="float"), tmp_path / "box")
    taught = dataclasses.replace(
        TINY, mmd="kde", epsilon=100.0, teacher=str(tmp_path / "box"), epochs=1
    )
    saved = run(taught, tmp_path / "taught")
    assert saved.stage == "quantized"
    assert not torch.equal(
        saved.part("net")["constants.eta"], checkpoint.load(trained).part("net")["constants.eta"]
    )
    with pytest.raises(ValueError, match="float was expected"):
        run(dataclasses.replace(taught, teacher=str(trained)), tmp_path / "refused")


def test_a_training_that_diverges_stops_and_keeps_no_checkpoint(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="the loss is"):
        run(dataclasses.replace(TINY, learning_rate=1e30), tmp_path)
    assert not (tmp_path / checkpoint.FILE).exists()


def test_the_rate_is_halved_on_schedule(tmp_path: Path) -> None:
    run(dataclasses.replace(TINY, quantizer="float", float_epochs=5, halve_every=2), tmp_path)
    rates = [json.loads(line)["rate"] for line in (tmp_path / LOG).read_text().splitlines()]
    assert rates == [5e-3, 5e-3, 2.5e-3, 2.5e-3, 1.25e-3]


def test_the_defaults_are_the_papers_protocol() -> None:
    c = TrainConfig()
    assert (c.samples, c.batch, c.epochs, c.layers) == (50_000, 128, 50, 5)
    assert (c.learning_rate, c.halve_every, c.eta, c.threshold) == (1e-3, 10, 0.1, 0.05)
    assert (c.snr_low_db, c.snr_high_db) == (0, 25)


def test_thresholds_stay_positive_whatever_the_optimizer_does() -> None:
    constants = Constants(3, 0.1, 0.05)
    assert constants()[1].tolist() == pytest.approx([0.05] * 3)
    with torch.no_grad():
        constants.raw_threshold.fill_(-50.0)
    assert (constants()[1] >= 0).all()


def test_projection_keeps_eta_in_its_limits() -> None:
    constants = Constants(2, 0.1, 0.05, (0.25, torch.tensor([1.0, 0.5])))
    with torch.no_grad():
        constants.eta.copy_(torch.tensor([-3.0, 7.0]))
    constants.project()
    assert constants.eta.tolist() == [0.25, 0.5]


def test_statistics_are_those_of_the_whole_set() -> None:
    config = dataclasses.replace(TINY, samples=300)
    snr_db = uniform_snr(300, 0, 25, 0)
    data = dataset(config.template, snr_db, 0, "train", quantized=True)
    net = float_net(config)
    batch = data.batch(torch.arange(300))
    codes = torch.stack([v.code for v in net(batch.h, batch.y, batch.index)])
    largest, deviations = statistics(net, net, data, 128)
    assert torch.equal(largest, codes.abs().amax(dim=(1, 2)))
    assert torch.allclose(deviations, codes.square().mean(dim=(1, 2)).sqrt(), rtol=1e-5)


def test_data_are_int8_seeded_and_streams_differ() -> None:
    template = specs.load("pgd")
    snr_db = np.full(40, 10.0)
    data = dataset(template, snr_db, 0, "train", quantized=True)
    assert (data.h.dtype, data.x.dtype) == (torch.int8, torch.int8)
    assert torch.equal(data.h, dataset(template, snr_db, 0, "train", quantized=True).h)
    assert not torch.equal(data.h, dataset(template, snr_db, 0, "validation", quantized=True).h)
    real = dataset(template, snr_db, 0, "train", quantized=False).batch(torch.arange(40))
    assert (data.batch(torch.arange(40)).h - real.h).abs().max() <= 2.0**-8 + 1e-6
    assert set(real.x.unique().tolist()) == {-3, -1, 1, 3}


def test_an_export_loads_and_keeps_the_trained_constants(trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "tiny.json"
    assert export.main([str(trained), "--name", "tiny", "--out", str(out)]) == 0
    spec = specs.load(out)
    net = net_of(checkpoint.load(trained))
    etas, thresholds = net.constants()
    f = spec.formats
    for k, layer in enumerate(spec.layers):
        assert layer.eta == f.eta.quantize(etas[k].item())
        assert layer.threshold == f.state.quantize(thresholds[k].item())
        assert list(layer.step) == f.step.quantize(net.steps[k].table().detach()).tolist()
        expected = [odd_reciprocal(q, f.step, f.inverse) for q in layer.step]
        assert list(layer.inverse) == expected
    assert "--seed 0" in spec.provenance
    assert "--mmd bounded" in spec.provenance
    assert twin.main(["--spec", str(out), "--vectors", "256"]) == 0


def test_export_refuses_constants_outside_their_formats() -> None:
    f = specs.load("pgd").formats
    table = torch.full((36,), 0.02)
    with pytest.raises(ValueError, match=r"threshold -0\.001 is negative"):
        layer_of("layer 1:", "soft", 0.5, -0.001, table, f)
    with pytest.raises(ValueError, match=r"eta 3\.5 is outside 1 to 2047"):
        layer_of("layer 1:", "soft", 3.5, 0.0, table, f)
    with pytest.raises(ValueError, match=r"eta -0\.1"):
        layer_of("layer 1:", "soft", -0.1, 0.0, table, f)
    with pytest.raises(ValueError, match="threshold 0 is outside 1"):
        layer_of("layer 1:", "box", 0.5, 0.0, table, f)
    with pytest.raises(ValueError, match=r"step\[0\] 0.001"):
        layer_of("layer 1:", "soft", 0.5, 0.0, table * 0.05, f)
    with pytest.raises(ValueError, match="nan"):
        constant("eta", float("nan"), Format(12, 10), 1)
    assert layer_of("layer 1:", "soft", 0.5, 0.0, table, f).threshold == 0


def test_bad_checkpoints_are_refused_with_one_line(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = (trained / checkpoint.FILE).read_bytes()
    missing, torn = tmp_path / "none", tmp_path / "torn.safetensors"
    torn.write_bytes(good[: len(good) // 2])
    saved = checkpoint.load(trained)
    poisoned = dict(saved.tensors)
    poisoned["net.constants.eta"] = torch.full((5,), float("nan"))
    nan = tmp_path / "nan.safetensors"
    dataclasses.replace(saved, tensors=poisoned).save(nan)
    lacking = tmp_path / "lacking.safetensors"
    del poisoned["net.constants.eta"]
    dataclasses.replace(saved, tensors=poisoned).save(lacking)
    is_float = tmp_path / "float.safetensors"
    dataclasses.replace(saved, stage="float").save(is_float)
    for path, words in [
        (missing, "no such file"),
        (torn, "not a bitfold checkpoint"),
        (nan, "NaN"),
        (lacking, "constants.eta"),
        (is_float, "only a quantized net"),
    ]:
        out = tmp_path / "out.json"
        assert export.main([str(path), "--name", "x", "--out", str(out)]) == 2
        message = capsys.readouterr().err
        assert words in message
        assert message.count("\n") == 1
        assert not out.exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--samples", "0"], "samples 0"),
        (["--mmd", "kde"], "epsilon 0.0"),
        (["--epsilon", "-1"], "epsilon -1"),
        (["--epsilon", "nan", "--mmd", "kde"], "epsilon nan"),
        (["--learning-rate", "0"], "learning_rate 0"),
        (["--snr-high-db", "40"], "snr_db 40.0"),
        (["--snr-low-db", "20", "--snr-high-db", "10"], "20.0 to 10.0"),
        (["--spec", "nothing"], "no such file"),
        (["--quantizer", "float", "--mmd", "kde", "--epsilon", "1"], "quantizer float"),
        (["--resume"], "to resume"),
        (["--start", "nowhere"], "no such file"),
    ],
)
def test_bad_options_exit_2_with_one_line(
    options: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert train.main(["pgd", *options, "--validation", "60", "--out", str(out)]) == 2
    message = capsys.readouterr().err
    assert words in message
    assert message.count("\n") == 1
    assert not out.exists()


def test_a_checkpoint_is_neither_overwritten_nor_resumed_under_another_configuration(
    trained: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train.main(["pgd", "--out", str(trained)]) == 2
    assert "--resume goes on" in capsys.readouterr().err
    assert train.main(["pgd", "--out", str(trained), "--resume"]) == 2
    assert "samples 512 not 50000" in capsys.readouterr().err


def test_an_unwritable_folder_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    options = ["--samples", "128", "--validation", "60", "--float-epochs", "1"]
    assert train.main(["pgd", *options, "--out", str(tmp_path / "file" / "out")]) == 2
    assert "cannot be" in capsys.readouterr().err


def test_choose_epsilon_compares_each_value_with_zero(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--mmd", "kde", "--samples", "256", "--validation", "60", "--float-epochs", "1"]
    options += ["--epochs", "1", "--epsilons", "10", "--seeds", "1", "--vectors", "20"]
    assert train.main(["choose-epsilon", *options, "--out", str(tmp_path)]) == 0
    assert "chosen: 10" in capsys.readouterr().out
    record = json.loads((tmp_path / "choice.json").read_text())
    assert [c["epsilon"] for c in record["choices"]] == [0, 10]
    assert record["choices"][0]["gain"] == 0
    bad = ["choose-epsilon", *options[2:], "--out", str(tmp_path / "bad")]
    assert train.main(bad) == 2


def test_evaluate_reports_paired_losses(capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate.main(["--vectors", "200", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [p["snr_db"] for p in report["points"]] == [0, 5, 10, 15, 20, 25]
    for point in report["points"]:
        ber = point["ber"]
        assert {"integers", "float twin", "float soft", "float box", "LMMSE"} == ber.keys()
        assert point["loss"] == pytest.approx(ber["integers"] - ber["float twin"])
    assert report["points"][5]["ber"]["LMMSE"] < 0.04
    assert evaluate.main(["--vectors", "1"]) == 2


def test_the_shipped_specs_reach_their_figures() -> None:
    soft = evaluate.evaluate(specs.load("pgd"), 2000, seed=1)
    box = evaluate.evaluate(specs.load("pgd-box"), 2000, seed=1)
    assert np.mean([p.ber["integers"] for p in soft]) <= 0.210
    assert box[-1].ber["integers"] <= 0.140
    for point in (*soft, *box):
        assert point.loss - point.loss_half_width <= 0.001


def test_half_width_is_that_of_independent_draws() -> None:
    draws = np.random.default_rng(0).normal(size=10_000)
    assert half_width(draws) == pytest.approx(1.96 / 100, rel=0.05)


def test_shipped_float_nets_are_stored_beside_each_other(tmp_path: Path) -> None:
    path = tmp_path / "floats.json"
    nets = {
        "soft": PgdNet("soft", Constants(5, 0.3, 0.05)),
        "box": PgdNet("box", Constants(5, 0.2, 2)),
    }
    for prox, net in nets.items():
        floats.store(net, prox, "a test", path)
    loaded = floats.load_shipped(path)
    for prox, net in nets.items():
        assert torch.allclose(loaded[prox].constants()[1].float(), net.constants()[1])
    path.write_text('{"soft": {}}')
    with pytest.raises(ValueError, match="not a float net"):
        floats.load_shipped(path)


def test_rebuild_makes_a_spec_and_its_float_net(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(rebuild.RECIPES, "pgd", TINY)
    out, nets = tmp_path / "pgd.json", tmp_path / "floats.json"
    command = ["pgd", "--work", str(tmp_path / "work"), "--out", str(out), "--float-out", str(nets)]
    assert rebuild.main(command) == 0
    spec = specs.load(out)
    assert spec.provenance.startswith("python -m model.rebuild pgd (torch ")
    assert list(floats.load_shipped(nets)) == ["soft"]
    assert rebuild.main(command) == 0
    assert specs.load(out).digest == spec.digest


def test_twin_command_rejects_bad_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert twin.main(["--vectors", "0"]) == 2
    assert "vectors 0" in capsys.readouterr().err
    assert twin.main(["--spec", "nothing"]) == 2
