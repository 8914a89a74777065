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
                "Places Vectors Groups GroupColumns Short",
                (2, 1, 1, 1, 0),
                (2, 1, 2, 1, 0),
                (2, 1, 3, 1, 0),
                (4, 1, 1, 2, 0),
                (2, 1, 1, 3, 0),
                (2, 1, 2, 2, 1),
                (2, 1, 2, 3, 0),
                (2, 2, 2, 1, 0),
                (2, 2, 1, 2, 0),
                (2, 2, 1, 3, 0),
            ),
            12,
            (
                Fault("output_buffer", "send || (valid_o && !ready_i)", "send"),
                Fault("output_buffer", "(!valid_o || ready_i)", "1'b1"),
                Fault("output_buffer", "(!valid_o || ready_i)", "(valid_o && ready_i)"),
                Fault("output_buffer", "last_o  <= frame_end", "last_o  <= group_end"),
                Fault("output_buffer", "write_i != read_o", "1'b1"),
                Fault("output_buffer", "write_i != read_o", "write_i[0] != read_o[0]"),
                Fault("output_buffer", "!(last_o && hold_i) &&", ""),
                Fault("output_buffer", "!(last_o && hold_i) &&", "!hold_i &&"),
                Fault("output_buffer", "send && last_o", "send"),
                Fault("output_buffer", "group_end ? NextGroup : 1", "1"),
                Fault("output_buffer", "alone ? NextPlace : NextFrame", "NextGroup"),
                Fault("output_buffer", "alone ? NextPlace : NextFrame", "NextFrame"),
                Fault("output_buffer", "&& !pairs_i[place_o]", "&& pairs_i[place_o]"),
                *resets.faults("output_buffer"),
            ),
        ),
        Check(
            "output-streams",
            "each vector leaves once on both streams, and neither waits for the other's reader",
            sizes(
                "Places Vectors Groups GroupColumns",
                (2, 1, 1, 1),
                (2, 1, 2, 1),
                (2, 1, 1, 2),
                (4, 1, 1, 1),
                (2, 2, 1, 1),
            ),
            12,
            (
                Fault("output_streams", "!= {llr_place, llr_second}", "== {llr_place, llr_second}"),
                Fault("output_streams", "x_start && {x_place", "1'b0 && {x_place"),
                Fault("output_streams", "x_start ? {x_place, x_second} :", "x_start ? '0 :"),
                Fault("output_streams", "if (llr_start) llr_user_o", "llr_user_o"),
                Fault("output_streams", "if (x_start) x_user_o", "if (x_valid_o) x_user_o"),
                Fault("output_streams", "if (open_i) users", "if (complete) users"),
                Fault("output_streams", "= second ? both", "= !second ? both"),
                Fault("output_streams", "<= group_valid_i[1]", "<= 1'b1"),
                Fault("output_streams", "taken || x_valid_o || llr_valid_o", "taken || x_valid_o"),
                Fault("output_streams", "taken || x_valid_o ||", "taken ||"),
                Fault("output_streams", ".ready_i(llr_ready_i)", ".ready_i(x_ready_i)"),
                Fault("output_streams", "[e*Width+XWidth +: SoftWidth]", "[e*Width +: SoftWidth]"),
                Fault("output_streams", "[b*FieldWidth +:", "[(BitsWidth-1-b)*FieldWidth +:"),
                Fault("output_places", "s < Streams; s++", "s < 1; s++"),
                Fault("output_places", "room_o &=", "room_o ="),
                Fault("output_places", "= reserved_q != read_i", "= reserved_q[0] != read_i"),
                Fault("output_places", "complete_i && void_i", "1'b0"),
                Fault("output_places", "PointerWidth'(Places)", "PointerWidth'(Places - 1)"),
                Fault("output_places", "reserve_i != dropped", "reserve_i || dropped"),
                Fault("output_places", "if (complete_i && !void_i)", "if (complete_i)"),
                Fault("output_places", "if (open_i) open_o", "if (complete_i) open_o"),
                *resets.faults("output_places"),
                Fault("output_buffer", "last_o  <= frame_end", "last_o  <= group_end"),
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
