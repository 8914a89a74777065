# SPDX-License-Identifier: Apache-2.0
"""A receiver between a third party's AXI-Stream drivers: cocotbext-axi."""

from __future__ import annotations

import logging
from typing import Any

import numpy as np
from cocotbext.axi import AxiStreamBus, AxiStreamFrame, AxiStreamSink, AxiStreamSource

from fixedpoint.receivers import family
from hls.cases import find
from verification.drivers.detector import split
from verification.regression.claims import claim, configuration, hold, release, seed
from verification.traffic import traced
from verification.traffic.blocks import user
from verification.traffic.scoreboard import Scoreboard
from verification.traffic.stimuli import Frame, generator, h_frame, stalls, y_frame

VECTORS = 24


@claim
async def cocotbext_axi_gets_the_golden_outputs(dut: Any, scoreboard: Scoreboard) -> None:
    """Its sources and its sinks, all of them pausing at random."""
    case = find(configuration().detector or "")
    spec, inputs = case.spec, case.inputs(VECTORS, seed())
    await hold(dut.aclk, dut.aresetn)
    h, y = _end(AxiStreamSource, dut, "s_axis_h", 8), _end(AxiStreamSource, dut, "s_axis_y", 1)
    sinks = {stream: _end(AxiStreamSink, dut, f"m_axis_{stream}", 1)
             for stream in traced.output_streams(spec)}  # fmt: skip
    await release(dut.aclk, dut.aresetn)
    rng = generator(seed(), "axis")
    for end in (h, y, *sinks.values()):
        end.set_pause_generator(stalls(rng, 0.2))
    last = family.run(spec, inputs.h, inputs.y, inputs.index)[-1]
    for g, b in np.ndindex(inputs.index.shape):
        if b == 0:
            h.send_nowait(_frame(h_frame(spec, inputs.h[g], user=g), 8))
        tuser = int(user(spec, inputs.index[g, b], g))
        y.send_nowait(_frame(y_frame(spec, inputs.y[g, b], tuser), 1))
        wires = {wire: getattr(last, wire)[g, b] for wire in traced.output_fields(spec)}
        users = {traced.output_user(stream): tuser for stream in sinks}
        scoreboard.expect(wires | users)
    while scoreboard.pending:
        for stream, sink in sinks.items():
            frame = await sink.recv(compact=False)
            for wire, q in split(spec, stream, list(frame.tdata)).items():
                scoreboard.observe(wire, q)
            scoreboard.observe(traced.output_user(stream), frame.tuser[-1])


def _end(kind: Any, dut: Any, prefix: str, lanes: int) -> Any:
    end = kind(AxiStreamBus.from_prefix(dut, prefix), dut.aclk, dut.aresetn,
               reset_active_level=False, byte_lanes=lanes)  # fmt: skip
    end.log.setLevel(logging.WARNING)
    return end


def _frame(frame: Frame, lanes: int) -> Any:
    """A frame in cocotbext-axi's form, where each beat is cut into byte lanes."""
    lane = [beat.data >> 8 * i & 0xFF for beat in frame for i in range(lanes)]
    data = lane if lanes > 1 else [beat.data for beat in frame]
    users = [beat.user for beat in frame for _ in range(lanes)]
    return AxiStreamFrame(tdata=data, tuser=users)
