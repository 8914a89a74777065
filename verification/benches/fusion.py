# SPDX-License-Identifier: Apache-2.0
"""The fusion node alone against fixedpoint/detectors/units.py, between units of any pace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from cocotb.triggers import ClockCycles

from verification.drivers.fusion import FusionDriver, Vector
from verification.regression.claims import claim, count, seed
from verification.traffic.scoreboard import Scoreboard
from verification.traffic.stimuli import Frame, generator, long, never, short, stalls

ROUNDS = 6  # of the ring


def vectors(bench: FusionDriver, rounds: int = ROUNDS) -> list[Vector]:
    """Estimates over the whole of the state's format, every third vector at its ends."""
    spec, rng, fmt = bench.spec, bench.rng, bench.spec.state_format
    entries = len(spec.snr)
    found = []
    for n in range(rounds * bench.slots):
        shape = (spec.depth, bench.units, spec.columns)
        drawn = rng.integers(fmt.min, fmt.max + 1, shape)
        ends = np.broadcast_to(rng.choice((fmt.min, fmt.max), (spec.depth, 1, spec.columns)), shape)
        user = bench.user(int(rng.integers(1 << bench.user_bits)), int(rng.integers(entries)))
        found.append(Vector(ends if n % 3 == 2 else drawn, user))
    return found


@claim
async def answers_and_outputs_equal_the_golden_model(dut: Any, scoreboard: Scoreboard) -> None:
    """Units without a pause, stalls on every stream; both ends of z are reached."""
    rng = generator(seed(), "fusion")
    bench = await FusionDriver.start(dut, scoreboard, rng)
    for source, sink in zip(bench.up, bench.down, strict=True):
        source.stalls, sink.stalls = stalls(rng, 0.2), stalls(rng, 0.2)
    for leaving in bench.leaving.values():
        leaving.stalls = stalls(rng, 0.3)
    bench.send(vectors(bench, 2 * ROUNDS))
    await bench.drain()
    assert {bench.spec.state_format.min, bench.spec.state_format.max} <= bench.points


@claim
async def units_that_answer_late_and_out_of_step_change_nothing(
    dut: Any, scoreboard: Scoreboard
) -> None:
    """Each unit in turn is the fast one; it is into the next vector while others end the last."""
    rng = generator(seed(), "paces")
    bench = await FusionDriver.start(dut, scoreboard, rng)
    for fast in range(bench.units):
        bench.pace = [0 if unit == fast else 200 for unit in range(bench.units)]
        bench.send(vectors(bench))
        await bench.drain()
    assert bench.ahead > 20, f"a unit was a whole message ahead {bench.ahead} times only"


@claim
async def messages_for_a_full_slot_wait(dut: Any, scoreboard: Scoreboard) -> None:
    """Of a unit that sends all of a vector at once: a slot has two places."""
    bench = await FusionDriver.start(dut, scoreboard, generator(seed(), "eager"))
    for unit in range(bench.units):
        bench.eager = {unit}
        bench.pace = [0 if u == unit else 50 for u in range(bench.units)]
        bench.send(vectors(bench, 1))
        await bench.drain()
        assert bench.up[unit].refused, "no message ever had to wait for its slot"


@claim
async def broken_messages_are_dropped_counted_and_flagged(dut: Any, scoreboard: Scoreboard) -> None:
    """Of another length, of more than one slot, of a slot or layer that does not exist."""
    rng = generator(seed(), "messages")
    bench = await FusionDriver.start(dut, scoreboard, rng)
    dropped = 0
    kinds = [long, *([short, _mixed] if bench.spec.columns > bench.group else [])]
    kinds += [kind for kind in (_no_slot(bench), _no_layer(bench)) if kind is not None]

    def spoil(message: Frame) -> list[Frame]:
        nonlocal dropped
        if rng.random() > 0.4:
            return []
        dropped += 1
        return [kinds[int(rng.integers(len(kinds)))](message, rng)]

    bench.spoil = spoil
    # A fast unit fills its slots: a beat that names another one must not wait for that.
    bench.pace = [1] + [60] * (bench.units - 1)
    bench.send(vectors(bench, 8))
    await bench.drain()
    flagged, most = bench.errors.counts, (1 << int(dut.CountWidth.value)) - 1
    assert dropped > 10
    assert sum(flagged) == dropped, f"{flagged} messages flagged of {dropped}"
    expected = [min(count, most) for count in flagged]
    assert bench.counted() == expected, f"{bench.counted()} counted of {flagged}"


@claim
async def a_damaged_tlast_of_a_message_costs_what_is_sent_anew(
    dut: Any, scoreboard: Scoreboard
) -> None:
    """Early, late or missing: the message, and the one behind it in the same frame, are dropped."""
    rng = generator(seed(), "damaged messages")
    bench = await FusionDriver.start(dut, scoreboard, rng)
    for link in bench.links:
        link.behave(rng, 0.1)
    while min(link.damaged for link in bench.links) < count(6):
        bench.pace = rng.integers(0, 30, bench.units).tolist()
        bench.send(vectors(bench, 1))
        await bench.drain()
        scoreboard.behind += bench.slots
    scoreboard.moments.update({f"up[{u}]": link.damaged for u, link in enumerate(bench.links)})
    flagged, bad = bench.errors.counts, [link.bad for link in bench.links]
    assert flagged == bad, f"{flagged} messages flagged of {bad}"
    expected = [min(n, (1 << int(dut.CountWidth.value)) - 1) for n in bad]
    assert bench.counted() == expected, f"{bench.counted()} counted of {bad}"


@claim
async def a_full_output_holds_up_last_layers_alone(dut: Any, scoreboard: Scoreboard) -> None:
    """Nobody takes one stream for a while: the other slots go on to their last layers.

    Another output stream sends what both had room for; then all is sent.
    """
    rng = generator(seed(), "output")
    bench = await FusionDriver.start(dut, scoreboard, rng)
    blocked = ""

    def wait(name: str) -> Iterator[bool]:
        while True:
            yield name == blocked

    for name, sink in bench.leaving.items():
        sink.stalls = wait(name)
    for blocked in bench.leaving:
        before, frames = bench.answered, bench.x.frames
        bench.send(vectors(bench, 3))
        await ClockCycles(dut.clk_i, 4000)
        # As many vectors as there are places have passed; others stand before their last layer.
        each = (bench.spec.depth - 1) * bench.units
        answers = bench.answered - before
        places, rest = divmod(answers - bench.slots * each, each)
        assert (rest, places) in {(0, 2), (0, 4)}, f"{answers} answers behind a full output"
        left = {name: sink.frames - frames for name, sink in bench.leaving.items()}
        assert left == {name: places * (name != blocked) for name in left}, f"{left} vectors left"
        blocked = ""
        await bench.drain()


@claim
async def a_stalled_downlink_holds_up_its_own_unit_alone(dut: Any, scoreboard: Scoreboard) -> None:
    """One unit's answers are hardly ever taken; the others get theirs, and nothing is lost."""
    rng = generator(seed(), "downlink")
    bench = await FusionDriver.start(dut, scoreboard, rng)
    for slow in range(bench.units):
        for unit, sink in enumerate(bench.down):
            sink.stalls = stalls(rng, 0.95) if unit == slow else never()
        bench.send(vectors(bench, 1))
        await bench.drain()
    assert all(sink.held for sink in bench.down), "a downlink was never stalled"


@claim
async def estimates_outside_their_format_are_clamped(dut: Any, scoreboard: Scoreboard) -> None:
    """The lowest integer of the wire is none of the symmetric format."""
    bench = await FusionDriver.start(dut, scoreboard, generator(seed(), "clamp"))
    fmt, held = bench.spec.state_format, vectors(bench, 2)
    sent = [
        replace(v, estimates=np.where(v.estimates == fmt.min, fmt.min - 1, v.estimates))
        for v in held
    ]
    assert any((v.estimates < fmt.min).any() for v in sent)
    bench.send(held, sent=sent)
    await bench.drain()


@claim
async def a_reset_leaves_nothing_behind(dut: Any, scoreboard: Scoreboard) -> None:
    """At random times, with messages partly in and answers partly out."""
    rng = generator(seed(), "reset")
    bench = await FusionDriver.start(dut, scoreboard, rng)
    for _ in range(6):
        bench.pace = rng.integers(0, 30, bench.units).tolist()
        bench.send(vectors(bench, 3))
        await ClockCycles(dut.clk_i, int(rng.integers(10, 100)))
        assert scoreboard.pending, "nothing was in flight"
        await bench.reset()
        assert not bench.offered, "an output survived the reset"
        assert not dut.busy_o.value, "busy behind the reset"
    bench.send(vectors(bench, 1))
    await bench.drain()


@claim
async def a_reset_of_one_cycle_at_any_moment_is_enough(dut: Any, scoreboard: Scoreboard) -> None:
    """With stalls, paces and broken messages; each one followed by vectors that are exact."""
    rng = generator(seed(), "one cycle")
    bench = await FusionDriver.start(dut, scoreboard, rng)
    flying = 0
    for _ in range(count(12)):
        for leaving in bench.leaving.values():
            leaving.stalls = stalls(rng, rng.choice((0.0, 0.3, 0.9)))
        for source, sink in zip(bench.up, bench.down, strict=True):
            source.stalls, sink.stalls = stalls(rng, rng.choice((0.0, 0.3))), stalls(rng, 0.2)
        bench.pace = rng.integers(0, 30, bench.units).tolist()
        bench.spoil = lambda message: [long(message, rng)] if rng.random() < 0.2 else []
        bench.send(vectors(bench, 3))
        await ClockCycles(dut.clk_i, int(rng.integers(1, 400)))
        flying += bool(scoreboard.pending)
        await bench.reset(1)
        scoreboard.moments["reset"] += 1
        assert not bench.offered, "an output survived the reset"
        assert not dut.busy_o.value, "busy behind the reset"
        bench.spoil = lambda message: []
        bench.send(vectors(bench, 1))
        await bench.drain()
        scoreboard.behind += bench.slots
        assert not any(bench.counted()), "the reset left an error count"
    assert flying > count(12) // 3, f"only {flying} resets met a vector in flight"


def _mixed(message: Frame, rng: np.random.Generator) -> Frame:
    """One beat names another slot: its lowest bit is turned."""
    beat = int(rng.integers(1, len(message)))
    return [replace(b, user=b.user ^ (i == beat)) for i, b in enumerate(message)]


def _no_slot(bench: FusionDriver) -> Any:
    free = (1 << bench.slot_bits) - 1
    if free < bench.slots:
        return None
    return lambda message, rng: [replace(beat, user=beat.user | free) for beat in message]


def _no_layer(bench: FusionDriver) -> Any:
    free = (1 << bench.layer_bits) - 1
    if free < bench.spec.depth:
        return None
    return lambda message, rng: [
        replace(beat, user=beat.user | free << bench.slot_bits) for beat in message
    ]
