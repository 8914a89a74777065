# SPDX-License-Identifier: Apache-2.0
"""The narrowest word lengths that lose little: ranges, a cost model, a descent, and its proof."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bitfold.words import candidate, cost, descent, plot, ranges
from bitfold.words.candidate import LEAST, LOW, Words
from bitfold.words.descent import Tried
from bitfold.words.journal import Journal
from bitfold.words.loss import Bench, around, drawn
from fixedpoint.detectors import library, reformat
from fixedpoint.specs.detector import DetectorSpec
from fixedpoint.support import files
from fixedpoint.support.lock import locked
from fixedpoint.support.schema import SpecError
from model.systems.system import System

MORE = 1
"""Bits below the point that the search begins with beyond those of the given spec."""
NARROWER = 5
"""A sample of the cost model has up to so many bits less in each format."""
SHOWN = 8
"""Points of the front that are counted again on draws of their own."""
CALIBRATED_DB = 6.0
"""Ranges are those from so far below the rate's SNR to so far above it, within the bank."""
Report = Callable[[str], None]


@dataclass(frozen=True)
class Effort:
    """Coherence blocks an SNR, of the search and of the proof; random samples of the cost model."""

    blocks: int = 400
    proof: int = 1600
    samples: int = 10


QUICK = Effort(blocks=100, proof=200, samples=2)


@dataclass(frozen=True)
class Found:
    """The chosen spec, and what `front.json` says of it."""

    spec: DetectorSpec
    summary: dict[str, Any]


def search(
    spec: DetectorSpec, system: System, folder: Path, *, loss_db: float = 0.1, ber: float = 1e-2,
    seed: int = 0, report: Report = lambda line: None, lanes: int = 0, effort: Effort = Effort(),
) -> Found:  # fmt: skip
    """Write `spec.json`, `front.json` and `front.png` into a folder, and go on where it was.

    Losses are those of a spec's integers against the float twin of the given spec, at a bit error
    rate of `ber` on the system's channel; lanes: of the core whose area counts, by default the
    least. Raises `ValueError` on a folder of another search, on a rate that is not reached, and
    where no formats lose as little.
    """
    if not 0 < ber < 0.5 or not 0 < loss_db < np.inf:
        raise ValueError(f"loss_db {loss_db:g} and ber {ber:g}: above 0, and 0 to .5 were expected")
    lanes = cost.fits(spec, lanes)
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        of = {"digest": spec.digest, "system": repr(system), "loss_db": loss_db, "ber": ber,
              "seed": seed, "lanes": lanes, "effort": asdict(effort)}  # fmt: skip
        made = _Search(spec, system, Journal(folder / "journal.jsonl", of), report, lanes, effort)
        found = made.run(loss_db, ber, seed)
        library.save(found.spec, folder / "spec.json")
        files.write_text(folder / "front.json", json.dumps(found.summary, indent=1) + "\n")
        plot.draw(found.summary, folder / "front.png")
    return found


@dataclass
class _Search:
    spec: DetectorSpec
    system: System
    journal: Journal
    report: Report
    lanes: int
    effort: Effort

    def run(self, limit: float, rate: float, seed: int) -> Found:
        """All of it."""
        once, effort = self.journal.once, self.effort
        snrs = once("snr", lambda: around(self.spec, self.system, rate, seed, effort.blocks))
        self.report(f"BER {rate:g} near {snrs[1]:g} dB, {effort.blocks} blocks each at "
                    f"{', '.join(f'{snr:g}' for snr in snrs)} dB, seed {seed}")  # fmt: skip
        reached = once("ranges", lambda: self._ranges(snrs[1], seed + 1))
        own, first = self._starts(reached)
        model = self._model(own, first, seed)
        bench = Bench.of(self.spec, self.system, rate, snrs, effort.blocks, seed + 2)
        tried = self._descended(first, bench, model, limit)
        return self._proved(own, tried, model, limit, rate, seed + 3, snrs)

    def _ranges(self, snr_db: float, seed: int) -> dict[str, tuple[float, float]]:
        """The most at three SNRs of calibration draws."""
        rng, bank = np.random.default_rng(seed), self.spec.snr
        found: dict[str, tuple[float, float]] = {}
        for snr in (snr_db - CALIBRATED_DB, snr_db, snr_db + CALIBRATED_DB):
            inside = float(np.clip(snr, bank.first_db, bank.last_db))
            d = drawn(self.spec, self.system, inside, self.effort.blocks, rng)
            for name, ends in ranges.of(self.spec, d.h, d.y, d.index).items():
                old = found.get(name, (0.0, 0.0))
                found[name] = max(old[0], ends[0]), max(old[1], ends[1])
        return found

    def _starts(self, reached: dict[str, tuple[float, float]]) -> tuple[Words, Words]:
        """The given formats and the wide ones, of the names whose width hardware has."""
        left = candidate.refused(self.spec, reached)
        every = [name for name in reformat.formats(self.spec) if name not in left]
        whole = candidate.start(self.spec, reached, every, MORE)
        area, names = cost.features(whole.spec(self.spec), self.lanes), []
        for name in every:
            other = self._made(whole.moved((name, LOW)))  # one that is refused here may go later
            if other is not None and cost.features(other, self.lanes) == area:
                left[name] = "no area follows it"
            else:
                names.append(name)
        kept = {name: fmt for name, fmt in whole.tops.items() if name in names}
        first = Words({name: whole.bits[name] for name in names}, kept)
        self.report(f"formats of {', '.join(names)}")
        for name, why in left.items():
            self.report(f"{name} stays as it is: {why}")
        return candidate.given(self.spec, names), first

    def _model(self, own: Words, first: Words, seed: int) -> cost.Model:
        """Fitted to the given spec, the wide one and random ones between it and narrow ones."""
        rng, chosen = np.random.default_rng(seed), [own, first]
        while len(chosen) < self.effort.samples + 2:
            bits = {name: max(LEAST, n - int(rng.integers(0, NARROWER + 1)))
                    for name, n in first.bits.items()}  # fmt: skip
            words = Words(bits, first.tops)
            if self._made(words) is not None:
                chosen.append(words)
        found = []
        for number, words in enumerate(chosen, 1):
            found.append(self._area(words))
            self.report(f"synthesis {number} of {len(chosen)}: {found[-1]}")
        return cost.fitted([words.spec(self.spec) for words in chosen], found, self.lanes)

    def _area(self, words: Words) -> cost.Cost:
        made = words.spec(self.spec)
        key = f"area {words.key()}"
        return cost.Cost(**self.journal.once(
            key, lambda: asdict(cost.synthesized(made, self.lanes))))  # fmt: skip

    def _made(self, words: Words) -> DetectorSpec | None:
        try:
            return words.spec(self.spec)
        except SpecError:
            return None

    def _descended(
        self, first: Words, bench: Bench, model: cost.Model, limit: float
    ) -> list[Tried]:
        """Every step from the wide formats on."""
        started, count = time.monotonic(), 0

        def attempt(words: Words) -> Tried | None:
            nonlocal count
            made = self._made(words)
            if made is None:
                return None
            count += 1
            value = self.journal.once(f"loss {words.key()}", lambda: list(bench.loss(made)))[0]
            return Tried(words, value, model(made).total)

        now = attempt(first)
        if now is None or now.loss > limit:
            raise ValueError(
                f"loss_db {limit:g}: the wide formats lose more, {now.loss if now else np.inf:.3f} "
                f"dB, {MORE} bits beyond those of spec {self.spec.name}"
            )
        steps = [now]
        expected = 6 * sum(max(bits - LEAST, 0) for bits in first.bits.values()) // 2
        for step in descent.descend(now, attempt, limit):
            steps.append(step)
            left = (time.monotonic() - started) / count * max(expected - count, count // 10)
            self.report(f"step {len(steps) - 1}: cost {step.cost:,.0f}, {step.loss:.3f} of "
                        f"{limit:g} dB, {count} tried, about {left / 60:.0f} min left")  # fmt: skip
        return steps

    def _proof(self, words: Words, bench: Bench) -> list[float]:
        """The loss on draws of its own, with the matrices that the spec itself prepares."""
        made = words.spec(self.spec)
        found: list[float] = self.journal.once(
            f"proof {words.key()}", lambda: list(bench.loss(made, exact=True)))  # fmt: skip
        return found

    def _proved(
        self, own: Words, tried: list[Tried], model: cost.Model, limit: float, rate: float,
        seed: int, snrs: tuple[float, ...],
    ) -> Found:  # fmt: skip
        """The front counted again on draws of its own; the cheapest within the limit is chosen."""
        bench = Bench.of(self.spec, self.system, rate, snrs, self.effort.proof, seed)
        every = descent.front(tried)
        last = min(len(every), SHOWN)
        places = sorted({*range(min(3, last)), *np.linspace(0, len(every) - 1, last).astype(int)})
        points = []
        for words in [own, *(every[place].words for place in places)]:
            loss, made = self._proof(words, bench), words.spec(self.spec)
            points.append({"words": words.key(), "loss_db": loss[0], "low": loss[1],
                           "high": loss[2], **_costs("", model(made))})  # fmt: skip
            self.report(f"{points[-1]['cost']:,.0f} LUTs: {loss[0]:+.3f} dB "
                        f"({loss[1]:+.3f} to {loss[2]:+.3f})")  # fmt: skip
        inside = [i for i, point in enumerate(points) if i and point["loss_db"] <= limit]
        if not inside:
            raise ValueError(
                f"loss_db {limit:g}: the found formats lose more on draws of their own, "
                f"{min(point['loss_db'] for point in points[1:]):.3f} dB at least; more draws were "
                "expected (not the quick search), or a larger loss"
            )
        chosen = min(inside, key=lambda i: points[i]["cost"])
        shown = [own, *(every[place].words for place in places)]
        for i in dict.fromkeys((0, chosen, 1, len(points) - 1, len(points) // 2)):
            points[i] |= _costs("yosys_", self._area(shown[i]))
            error = points[i]["cost"] / points[i]["yosys_cost"] - 1
            self.report(f"Yosys: {self._area(shown[i])}; the model's cost {error:+.1%}")
        spec = shown[chosen].spec(self.spec)
        return Found(spec, {
            "spec": self.spec.name, "digest": self.spec.digest, "lanes": self.lanes, "ber": rate,
            "snr_db": list(snrs), "limit_db": limit, "dsp_luts": cost.DSP_LUTS,
            "ram_luts": cost.RAM_LUTS, "vectors": 8 * self.effort.proof,
            "given": points[0], "front": points[1:], "chosen": points[chosen],
            "model": {"lut": model.lut, "memory": model.memory, "dsp": model.dsp},
        })  # fmt: skip


def _costs(prefix: str, each: cost.Cost) -> dict[str, float]:
    parts = {"lut": each.lut, "memory": each.memory, "dsp": each.dsp, "cost": each.total}
    return {f"{prefix}{name}": value for name, value in parts.items()}
