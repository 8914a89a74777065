# SPDX-License-Identifier: Apache-2.0
"""The checks of queues, guards, buffers and of the order of passes."""

from __future__ import annotations

from verification.formal import resets
from verification.formal.check import Check, Fault, sizes


def checks() -> list[Check]:
    """One check a module, at sizes of each kind: one place, two, no power of two."""
    return [
        Check(
            "stream-fifo",
            "words leave once, in order, and stay while stalled",
            sizes("Depth Width", (1, 2), (2, 2), (3, 2), (5, 1)),
            8,
            (
                Fault("stream_fifo", "(place == AddressWidth'(Depth - 1))", "(place != '0)"),
                Fault("stream_fifo", "if (push_i) write_q <=", "if (push_i && !pop) write_q <="),
                Fault("stream_fifo", "valid_o && ready_i", "ready_i"),
                Fault("stream_fifo", "if (pop) read_q <=", "if (ready_i) read_q <="),
                *resets.faults("stream_fifo"),
            ),
            induction=1,
        ),
        Check(
            "frame-guard",
            "exactly the whole frames are committed, each other one is counted once",
            sizes("Majors Minors", (1, 1), (3, 2), (4, 1), (1, 3)),
            10,
            (
                Fault("frame_guard", "(last_i && refuse_i)", "refuse_i"),
                Fault(
                    "frame_guard", "!last_i && (dropping_q || frame_end)", "!last_i && frame_end"
                ),
                Fault("frame_guard", "if (last_i || frame_end) begin", "if (frame_end) begin"),
                Fault("frame_guard", "if (error_o && errors_o != '1)", "if (error_o)"),
                *resets.faults("frame_guard"),
            ),
            induction=1,
        ),
        Check(
            "message-guard",
            "exactly the whole messages of one legal key are committed",
            sizes("Groups", (1,), (2,), (3,)),
            12,
            (
                Fault("message_guard", "spoiled_q || key_i != key_q", "key_i != key_q"),
                Fault("message_guard", "spoiled_q || key_i != key_q", "spoiled_q"),
                Fault("message_guard", "|| last_i)", "|| 1'b1)"),
                Fault("frame_guard", "(last_i && refuse_i)", "refuse_i"),
            ),
        ),
        Check(
            "oldest-first",
            "the first open slot around the ring",
            sizes("Slots", *((n,) for n in range(1, 9))),
            1,
            (
                Fault("oldest_first", "SlotWidth'(s) >= oldest_i", "SlotWidth'(s) > oldest_i"),
                Fault("oldest_first", "i <= Slots", "i < Slots"),
            ),
            complete=True,
        ),
        Check(
            "output-buffer",
            "frames leave once, in order and whole, and stay while stalled",
            sizes(
                "Places Vectors Groups GroupColumns",
                (1, 1, 1, 1),
                (2, 1, 2, 1),
                (3, 1, 1, 2),
                (2, 2, 2, 1),
                (2, 2, 1, 2),
            ),
            12,
            (
                Fault("output_buffer", "send || (valid_o && !ready_i)", "send"),
                Fault("output_buffer", "(!valid_o || ready_i)", "1'b1"),
                Fault("output_buffer", "(!valid_o || ready_i)", "(valid_o && ready_i)"),
                Fault("output_buffer", "last_o <= frame_end", "last_o <= group_end"),
                Fault("output_buffer", "if (completed) write_q", "if (completed && !send) write_q"),
                Fault("output_buffer", "frame_end && (second_q || !pairs[read_q])", "frame_end"),
                *resets.faults("output_buffer"),
            ),
        ),
        Check(
            "output-streams",
            "each vector leaves once on both streams, and neither waits for the other's reader",
            sizes("Places Groups GroupColumns", (1, 1, 1), (2, 2, 1), (2, 1, 2), (3, 1, 1)),
            12,
            (
                Fault("output_streams", "x_room && llr_room", "x_room"),
                Fault("output_streams", "x_room && llr_room", "llr_room"),
                Fault("output_streams", "x_busy || llr_busy", "x_busy"),
                Fault("output_streams", "x_busy || llr_busy", "llr_busy"),
                Fault("output_streams", ".ready_i(llr_ready_i)", ".ready_i(x_ready_i)"),
                Fault("output_streams", "[e*Width+XWidth +: SoftWidth]", "[e*Width +: SoftWidth]"),
                Fault("output_streams", "[b*FieldWidth +:", "[(BitsWidth-1-b)*FieldWidth +:"),
                Fault("output_buffer", "!void_q[read_q] &&", "1'b1 &&"),
                Fault("output_buffer", "&& void_q[read_q];", "&& 1'b0;"),
                Fault("output_buffer", "last_o <= frame_end", "last_o <= group_end"),
                Fault("output_buffer", "(!valid_o || ready_i)", "(valid_o && ready_i)"),
            ),
        ),
        Check(
            "dispatcher",
            "each pass once, whole, in its turn, and none waits for ever",
            sizes(
                "Slots Layers Words Groups FrontWords",
                (1, 1, 1, 1, 0),
                (2, 2, 2, 3, 0),
                (3, 1, 2, 1, 0),
                (2, 1, 1, 5, 0),
                (2, 2, 3, 6, 1),
            ),
            20,
            (
                Fault("dispatcher", "(ending || found) && !pick", "(ending || found)"),
                Fault("dispatcher", "& ~last_q & {Slots{drained}}", "& {Slots{drained}}"),
                Fault("dispatcher", "drained && room_i", "drained"),
                Fault("dispatcher", "word_o == WordWidth'(Words - 1)", "word_o == '0"),
                Fault("dispatcher", "if (reserve_o) oldest_q", "if (pick) oldest_q"),
                Fault("dispatcher", "gap_q <= gap_q + (GapWidth + 1)'(1)", "gap_q <= gap_q"),
                Fault("dispatcher", "drained = gap_q[GapWidth]", "drained = 1'b1"),
                *resets.faults("dispatcher"),
            ),
            harmless=resets.harmless("dispatcher"),
        ),
    ]
