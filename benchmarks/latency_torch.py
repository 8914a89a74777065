# SPDX-License-Identifier: Apache-2.0
"""What a Python user gets: the FP32 nets in eager torch on one thread, one vector a call."""

from __future__ import annotations

import time
from collections.abc import Callable

import torch
from torch import Tensor

from benchmarks.latency_library import SPECS
from benchmarks.latency_measure import PREPARE, Inputs, Key, Sampler
from fixedpoint.detectors import library as spec

VARIANT = "torch fp32"


def pgd(inputs: Inputs) -> Callable[[], Tensor]:
    """The net of the spec `pgd`, eqs. (6) to (8) of the KAQ paper, in floating point."""
    detector = spec.load_as(spec.PgdSpec, SPECS["pgd"])
    formats, h, y = detector.formats, torch.from_numpy(inputs.h), _first(inputs)
    layers = [
        (layer.eta * formats.eta.step, layer.threshold * formats.state.step)
        for layer in detector.layers
    ]

    def run() -> Tensor:
        x = torch.zeros_like(y)
        for k, (eta, threshold) in enumerate(layers):
            residual = x @ h.T - y if k else -y
            u = x - eta * (residual @ h)
            x = u - torch.clamp(u, -threshold, threshold)
        return x

    return run


def admm(inputs: Inputs) -> Callable[[], Tensor]:
    """The net of the spec `admm-box` (`fixedpoint.detectors.admm`), in reals, without codes."""
    detector, y = spec.load_as(spec.AdmmSpec, SPECS["admm"]), _first(inputs)
    formats = detector.formats
    layers = [
        (
            layer.relaxation * formats.relaxation.step,
            layer.dual_step * formats.dual_step.step,
            layer.threshold * formats.state.step,
        )
        for layer in detector.layers
    ]
    p, front_end = stored_matrices(inputs)

    def run() -> Tensor:
        x0 = y @ front_end.T
        z = u = torch.zeros_like(x0)
        for k, (relaxation, dual_step, box) in enumerate(layers):
            x = x0 + (z - u) @ p if k else x0
            relaxed = relaxation * x + (1 - relaxation) * z
            z = torch.clamp(relaxed + u, -box, box)
            u = u + dual_step * (relaxed - z)
        return z

    return run


def stored_matrices(inputs: Inputs) -> tuple[Tensor, Tensor]:
    """P and F."""
    h = torch.from_numpy(inputs.h)
    factor = torch.linalg.cholesky(h.T @ h + inputs.rho * torch.eye(len(h)))
    w = torch.cholesky_inverse(factor)
    return inputs.rho * w, w @ h.T


def _first(inputs: Inputs) -> Tensor:
    return torch.from_numpy(inputs.y[:1] * inputs.y_step).float()


def tasks(inputs: Inputs) -> dict[Key, Sampler]:
    """Samplers as those of the libraries; PGD-Net prepares nothing."""
    torch.set_num_threads(1)
    return {
        Key("pgd", VARIANT, "run"): _sampler(pgd(inputs)),
        Key("pgd", VARIANT, PREPARE): lambda _: 0.0,
        Key("admm", VARIANT, "run"): _sampler(admm(inputs)),
        Key("admm", VARIANT, PREPARE): _sampler(lambda: stored_matrices(inputs)),
    }


def _sampler(work: Callable[[], object]) -> Sampler:
    def sample(calls: int) -> float:
        with torch.inference_mode():
            start = time.thread_time_ns()
            for _ in range(calls):
                work()
            return (time.thread_time_ns() - start) / calls

    return sample
