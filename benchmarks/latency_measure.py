# SPDX-License-Identifier: Apache-2.0
"""Samples of CPU time, taken in alternating rounds, and what is concluded from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.latency_golden import penalty
from benchmarks.latency_library import SIZE, SPECS, Array, Floats, Library, Output, aligned
from fixedpoint.detector import Detector
from fixedpoint.detectors import library as spec
from fixedpoint.receivers import channel

SNR_DB = 20.0
BATCHES = (1, 14, 128)
PREPARE = "prepare"
RING_BYTES = 64 << 20
SAMPLE_NANOSECONDS = 100_000
RESAMPLES = 2000
Times = NDArray[np.float64]
Sampler = Callable[[int], float]


class Key(NamedTuple):
    """What is timed. measure: `prepare`, or "run"; batch: vectors that share H; cache: of H."""

    network: str
    variant: str
    measure: str
    batch: int = 1
    cache: str = "hot"


@dataclass(frozen=True)
class Inputs:
    """One coherence block. Both nets read the same integers of the same converters.

    h: (32, 32); y: (B, 32), integers of the ADC, y_step their unit; index: (B,); rho: ADMM-Net's.
    """

    h: Floats
    y: NDArray[np.int64]
    index: NDArray[np.int64]
    y_step: float
    rho: float

    @classmethod
    def draw(cls, seed: int) -> Inputs:
        """At 20 dB."""
        detector = spec.load_as(spec.PgdSpec, SPECS["pgd"])
        snr = np.full((1, max(BATCHES)), SNR_DB)
        rng = np.random.default_rng(seed)
        drawn = channel.draw(rng, detector.constellation, SIZE, SIZE, snr)
        integers = Detector(detector).quantize(drawn.h, drawn.y, snr)
        return cls(
            np.ascontiguousarray(drawn.h[0], np.float32),
            integers.y[0],
            integers.index[0],
            detector.formats.y.step,
            float(penalty(spec.load(SPECS["admm"]), integers.index[0, 0])),
        )


def library_tasks(library: Library, network: str, inputs: Inputs, seed: int) -> dict[Key, Sampler]:
    """Samplers of one variant: `calls` to nanoseconds a vector (a block, for `prepare`)."""
    kind, variant = library.sample, library.variant
    y = aligned(inputs.y.shape, kind)
    y[:] = inputs.y * (inputs.y_step if variant == "fp32" else 1)
    index = inputs.index.astype(np.uint8)
    into = Output(
        aligned(inputs.y.shape, kind),
        None if variant == "fp32" else aligned(inputs.y.shape, np.int8),
    )
    block = library.prepare(network, inputs.h, inputs.rho)
    ring = _ring(block)
    order = np.random.default_rng(seed).permutation(len(ring)).astype(np.uint32)
    position = 0

    def run(batch: int) -> Sampler:
        return lambda calls: (
            library.time_run(
                network, block, np.zeros(calls, np.uint32), y[:batch], index[:batch], into
            )
            / (calls * batch)
        )

    def cold(calls: int) -> float:
        nonlocal position
        slots = order[np.arange(position, position + calls) % len(order)]
        position += calls
        return library.time_run(network, ring, slots, y[:1], index[:1], into) / calls

    def prepare(calls: int) -> float:
        return library.time_prepare(network, inputs.h, inputs.rho, block, calls) / calls

    tasks: dict[Key, Sampler] = {Key(network, variant, "run", b): run(b) for b in BATCHES}
    tasks[Key(network, variant, "run", 1, "cold")] = cold
    tasks[Key(network, variant, PREPARE)] = prepare
    return tasks


def _ring(block: Array) -> Array:
    """Copies of a prepared block, more than the caches hold."""
    ring = aligned((RING_BYTES // len(block), len(block)), np.uint8)
    ring[:] = block
    return ring


def alternate(
    tasks: Mapping[Key, Sampler], rounds: int, samples: int, seed: int
) -> dict[Key, Times]:
    """Times (rounds, samples) of each task; every round visits all tasks, in a new order."""
    calls = {}
    for key, sample in tasks.items():
        sample(1)
        once = sample(8) * (key.batch if key.measure != PREPARE else 1)
        calls[key] = max(1, round(SAMPLE_NANOSECONDS / max(once, 1.0)))
    rng = np.random.default_rng(seed)
    keys = list(tasks)
    times = {key: np.empty((rounds, samples)) for key in keys}
    for r in range(rounds):
        for k in rng.permutation(len(keys)):
            key = keys[k]
            times[key][r] = [tasks[key](calls[key]) for _ in range(samples)]
    return times


class Ratio(NamedTuple):
    """A median over rounds of ratios within a round, and its 95% bootstrap interval."""

    value: float
    low: float
    high: float


def ratio(times: Times, reference: Times, seed: int) -> Ratio:
    """times / reference, paired by rounds: what slows a whole round down drops out."""
    rounds = np.median(times, axis=1) / np.median(reference, axis=1)
    rng = np.random.default_rng(seed)
    drawn = rounds[rng.integers(len(rounds), size=(RESAMPLES, len(rounds)))]
    low, high = np.quantile(np.median(drawn, axis=1), (0.025, 0.975))
    return Ratio(float(np.median(rounds)), float(low), float(high))


def rows(times: Mapping[Key, Times], baseline: str, seed: int) -> list[dict[str, Any]]:
    """A row for each run, as the docstring of `benchmarks.latency` describes the JSON."""
    made: list[dict[str, Any]] = []
    for key, values in times.items():
        if key.measure == PREPARE:
            continue
        prepare = times[key._replace(measure=PREPARE, batch=1, cache="hot")]
        reference = key._replace(variant=baseline)
        prepare_reference = times[reference._replace(measure=PREPARE, batch=1, cache="hot")]
        whole = values + prepare / key.batch
        median = float(np.median(values))
        made.append({
            "network": key.network, "variant": key.variant, "batch": key.batch, "cache": key.cache,
            "median_ns": median,
            "p95_ns": float(np.quantile(values, 0.95)),
            "prepare_ns": float(np.median(prepare)),
            "prepare_p95_ns": float(np.quantile(prepare, 0.95)),
            "amortised_ns": median + float(np.median(prepare)) / key.batch,
            **_named("ratio", ratio(values, times[reference], seed)),
            **_named("amortised_ratio",
                     ratio(whole, times[reference] + prepare_reference / key.batch, seed)),
        })  # fmt: skip
    return made


def _named(name: str, found: Ratio) -> dict[str, float]:
    return {name: found.value, f"{name}_low": found.low, f"{name}_high": found.high}


def absent(network: str, variant: str, reason: str) -> dict[str, Any]:
    """The row of a variant that this machine cannot run."""
    return {"network": network, "variant": variant, "absent": reason}


def best(found: Sequence[Mapping[str, Any]], network: str) -> Mapping[str, Any]:
    """The fastest INT8 row of a network at batch 1, H in the cache."""
    candidates = [
        row for row in found
        if row["network"] == network and str(row["variant"]).startswith("int8")
        and row.get("batch") == 1 and row["cache"] == "hot"
    ]  # fmt: skip
    return min(candidates, key=lambda row: float(row["ratio"]))
