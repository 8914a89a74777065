# SPDX-License-Identifier: Apache-2.0
"""One distributed unit at its fronthaul: a golden fusion node answers late and out of order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from verification.drivers.choice import start
from verification.regression.claims import claim, count, seed
from verification.traffic.scoreboard import Scoreboard
from verification.traffic.stimuli import generator, never, stalls


@claim
async def late_answers_in_another_order_of_slots_change_nothing(
    dut: Any, scoreboard: Scoreboard
) -> None:
    """Each message is answered after any time, so that slots overtake each other by layers."""
    bench = await start(dut, scoreboard)
    rng = generator(seed(), "late")
    bench.stall(stalls(rng, 0.1), stalls(rng, 0.1), stalls(rng, 0.2))
    bench.partner.down.stalls = stalls(rng, 0.3)
    for latest in (60, 1500, 0):
        bench.partner.behave(rng, latest)
        bench.send(bench.case.inputs(24, seed() + latest))
        await bench.drain()
    assert bench.partner.overtakes > 10, f"{bench.partner.overtakes} answers overtook another one"


@claim
async def broken_answers_are_dropped_counted_and_flagged(dut: Any, scoreboard: Scoreboard) -> None:
    """Ahead of whole ones of the same slot, which are used, and which must not shift."""
    bench = await start(dut, scoreboard)
    rng = generator(seed(), "answers")
    bench.stall(never(), never(), stalls(rng, 0.1))
    bench.partner.behave(rng, 100, broken=0.3)
    bench.send(bench.case.inputs(16, seed()))
    await bench.drain()
    assert bench.partner.dropped, "no answer was broken"
    bench.check_dropped("down", [bench.partner.dropped])


@claim
async def a_damaged_tlast_of_an_answer_costs_what_is_sent_anew(
    dut: Any, scoreboard: Scoreboard
) -> None:
    """Early, late or missing: the answer, and the one behind it in the same frame, are dropped."""
    bench = await start(dut, scoreboard)
    rng, link = generator(seed(), "damaged answers"), bench.partner.link
    link.behave(rng, 0.3)
    while link.damaged < count(6):
        bench.stall(never(), never(), stalls(rng, rng.choice((0.0, 0.3))))
        bench.partner.down.stalls = stalls(rng, rng.choice((0.0, 0.3)))
        bench.partner.behave(rng, int(rng.choice((0, 60))))
        bench.send(bench.drawn(2, 3, seed() + link.damaged))
        await bench.drain()
        scoreboard.behind += 6
    scoreboard.moments["down"] = link.damaged
    bench.check_dropped("down", [link.bad])


@claim
async def a_blocked_uplink_fills_its_queue_and_loses_nothing(
    dut: Any, scoreboard: Scoreboard
) -> None:
    """Nobody takes a message until every slot has one to send, again and again."""
    bench = await start(dut, scoreboard)
    rng = generator(seed(), "blocked")
    bench.partner.behave(rng, 30)

    def gate() -> Iterator[bool]:
        while True:
            for stalled, cycles in ((True, 800), (False, int(rng.integers(10, 60)))):
                yield from [stalled] * cycles

    bench.stall(never(), never(), gate())
    bench.send(bench.case.inputs(12 * bench.vectors, seed()))
    await bench.drain()
    assert bench.y.refused, "y never had to wait"


@claim
async def answers_that_nobody_asked_for_are_refused(dut: Any, scoreboard: Scoreboard) -> None:
    """For every slot that TUSER can name, also one that does not exist, while no message waits."""
    bench = await start(dut, scoreboard)
    rng = generator(seed(), "unasked")
    for attempt in range(2):
        bench.send(bench.case.inputs(12, seed() + attempt))
        await bench.drain()
        sent = bench.partner.send_unasked(rng, 1 << len(dut.s_axis_down_tuser))
        await bench.drain()
    bench.check_dropped("down", [2 * sent])


@claim
async def a_reset_while_answers_are_due_leaves_nothing_behind(
    dut: Any, scoreboard: Scoreboard
) -> None:
    """Within messages in both directions; what is sent afterwards is exact."""
    bench = await start(dut, scoreboard)
    rng = generator(seed(), "due")
    bench.stall(never(), never(), stalls(rng, 0.5))
    bench.partner.down.stalls = stalls(rng, 0.5)
    bench.partner.behave(rng, 200)
    for attempt in range(5):
        bench.send(bench.case.inputs(12, seed() + attempt))
        while bench.partner.down.beats < 4 + 9 * attempt or not bench.x.offered:
            await bench.cycle()
        await bench.reset()
        assert not bench.offered, "a message survived the reset"
        bench.partner.down.beats = 0
    bench.send(bench.case.inputs(8, seed()))
    await bench.drain()
