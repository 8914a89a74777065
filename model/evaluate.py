"""BER of a spec's integers beside its float twin, float nets trained by themselves, and LMMSE.

    python -m model.evaluate --spec pgd --vectors 20000 --seed 1

Every detector sees the same channels, bits and noise; `loss` is the paired difference integers −
float twin. Intervals are 95%, over independent channel draws (one vector each).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from rich.progress import Progress

from fixedpoint import adc, pgd
from fixedpoint import spec as specs
from fixedpoint.channel import Draw, draw, noise_variance
from fixedpoint.cli import Parser, run
from fixedpoint.spec import DetectorSpec
from model.accuracy import half_width, sliced_errors
from model.floats import load_shipped
from model.pgd import PgdNet

FloatArray = NDArray[np.float64]
SNR_DB = (0.0, 5.0, 10.0, 15.0, 20.0, 25.0)
CHUNK = 2000


@dataclass(frozen=True)
class Point:
    """BER of every detector at one SNR, their half-widths, and the paired loss of the integers."""

    snr_db: float
    ber: dict[str, float]
    half_width: dict[str, float]
    loss: float
    loss_half_width: float


def lmmse(drawn: Draw, spec: DetectorSpec) -> FloatArray:
    """Unbiased LMMSE on unquantized H and y, (G, 1, N): (HᵀH + ρI)⁻¹Hᵀy, each gain set to 1."""
    m = spec.constellation
    noise = noise_variance(drawn.snr_db, m, spec.rows // 2, spec.columns // 2)
    rho = (noise / (m.symbol_energy / 2))[..., None]
    gram = drawn.h.transpose(0, 2, 1) @ drawn.h
    filters = np.linalg.solve(gram + rho * np.eye(spec.columns), drawn.h.transpose(0, 2, 1))
    gains = np.einsum("gnm,gmn->gn", filters, drawn.h)
    estimate: FloatArray = drawn.y @ filters.transpose(0, 2, 1) / gains[:, None]
    return estimate


def detectors(spec: DetectorSpec) -> dict[str, Callable[[Draw], FloatArray]]:
    """Estimates (G, 1, N) of the sent coordinates, by the detector's name."""
    unit = spec.formats.state.step

    def integers(drawn: Draw) -> FloatArray:
        index = spec.snr.index(drawn.snr_db)
        wires = pgd.run(spec, adc.estimate(drawn.h, spec), adc.sample(drawn.y, spec), index)
        return spec.formats.state.value(wires[-1].state)

    def twin(drawn: Draw) -> FloatArray:
        wires = pgd.float_twin(spec, drawn.h, drawn.y, spec.snr.index(drawn.snr_db))
        return wires[-1].state * unit

    def of_net(net: PgdNet) -> Callable[[Draw], FloatArray]:
        def estimate(drawn: Draw) -> FloatArray:
            h, y = torch.from_numpy(drawn.h), torch.from_numpy(drawn.y[:, 0])
            with torch.no_grad():
                state = net(h, y, torch.zeros(len(y), dtype=torch.int64))[-1].state
            return state.numpy()[:, None]

        return estimate

    nets = load_shipped() if (spec.rows, spec.columns, spec.modulation) == (32, 32, "16qam") else {}
    floats = {f"float {prox}": of_net(net.double()) for prox, net in nets.items()}
    return {"integers": integers, "float twin": twin, **floats, "LMMSE": lambda d: lmmse(d, spec)}


def evaluate(spec: DetectorSpec, vectors: int, seed: int) -> list[Point]:
    """One `Point` for each of 0, 5, … 25 dB, from `vectors` draws of channel, bits and noise."""
    if vectors < 2:
        raise ValueError(f"vectors {vectors}: at least 2 were expected")
    rng = np.random.default_rng(seed)
    estimates, points = detectors(spec), []
    bits = spec.columns * spec.constellation.bits
    with Progress(transient=True) as progress:
        for snr_db in progress.track(SNR_DB, description=f"BER of {spec.name}"):
            errors: dict[str, list[NDArray[np.int64]]] = {name: [] for name in estimates}
            for start in range(0, vectors, CHUNK):
                snrs = np.full((min(CHUNK, vectors - start), 1), snr_db)
                drawn = draw(rng, spec.constellation, spec.rows, spec.columns, snrs)
                for name, estimate in estimates.items():
                    wrong = sliced_errors(estimate(drawn), drawn.x, spec.constellation)
                    errors[name].append(wrong.ravel())
            rates = {name: np.concatenate(parts) / bits for name, parts in errors.items()}
            lost = rates["integers"] - rates["float twin"]
            ber = {name: float(rate.mean()) for name, rate in rates.items()}
            spread = {name: half_width(rate) for name, rate in rates.items()}
            points.append(Point(snr_db, ber, spread, float(lost.mean()), half_width(lost)))
    return points


def table(points: list[Point]) -> str:
    """The points as text, BER ± half-width, and the mean over the SNRs."""
    names = list(points[0].ber)
    lines = ["  SNR " + "".join(f"{name:>16}" for name in names) + "   loss (paired)"]
    for p in points:
        cells = "".join(f"{p.ber[n]:>9.4f} ±{p.half_width[n]:.4f}" for n in names)
        lines.append(f"{p.snr_db:5.1f} {cells}   {p.loss:+.5f} ±{p.loss_half_width:.5f}")
    means = "".join(f"{np.mean([p.ber[n] for p in points]):>9.4f}" + " " * 7 for n in names)
    return "\n".join([*lines, " mean " + means])


def main(argv: list[str] | None = None) -> int:
    """Exit status 0, or 2 with one line on bad options."""
    parser = Parser(
        prog="python -m model.evaluate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--spec", default="pgd")
    parser.add_argument("--vectors", type=int, default=20_000, help="draws at each SNR")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    torch.set_num_threads(1)

    def body() -> int:
        spec = specs.load(arguments.spec)
        points = evaluate(spec, arguments.vectors, arguments.seed)
        if arguments.json:
            head = {"spec": spec.name, "digest": spec.digest, "seed": arguments.seed}
            head |= {"vectors": arguments.vectors}
            print(json.dumps({**head, "points": [vars(p) for p in points]}))
        else:
            print(f"spec {spec.name} {spec.digest}")
            print(f"{arguments.vectors} draws at each SNR, seed {arguments.seed}, 95% intervals")
            print(table(points))
        return 0

    return run(body)


if __name__ == "__main__":
    raise SystemExit(main())
