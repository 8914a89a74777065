# SPDX-License-Identifier: Apache-2.0
"""The checks of what keeps matrices, records, messages and slots until they are read."""

from __future__ import annotations

from verification.formal import resets
from verification.formal.check import Check, Fault, sizes


def checks() -> list[Check]:
    """One check a module: several places first, which show most, one place, no power of two."""
    return [_slot_ring(), _h_banks(), _y_records(), _fusion_inbox()]


def _slot_ring() -> Check:
    return Check(
        "slot-ring",
        "slots in order, each vector with its own block's bank, which stays; nobody waits for ever",
        sizes("Slots", (2,), (1,), (3,)),
        12,
        (
            Fault("slot_ring", "free_o       = used_q != CountWidth'(Slots)", "free_o = 1'b1"),
            Fault("slot_ring", "(slot == SlotWidth'(Slots - 1)) ? '0 : slot", "slot"),
            Fault("slot_ring", "used_q != away", "used_q != '0"),
            Fault("slot_ring", "{bank_o[oldest_q], !bank_o[oldest_q]}", "2'b11"),
            Fault("slot_ring", "finish_i && !void_o[oldest_q]", "finish_i"),
            Fault("slot_ring", "waiting_q != '0", "1'b1"),
            Fault("slot_ring", "if (commit_i) blocks[load_q]", "blocks[load_q]"),
            Fault("slot_ring", "if (start_o) start_q", "if (start_o && !start_void_o) start_q"),
            Fault("block_gate", "&& !(go || lost) && !start_o", ""),
            Fault("block_gate", "full_i & {2{seen_q && !lost}}", "{2{seen_q && !lost}}"),
            Fault("block_gate", "match[newest_i] ? ~match", "match != '0 ? ~match"),
            Fault("block_gate", "match == '0 ? 2'b11", "match == '0 ? 2'b00"),
            Fault("block_gate", "any_i && !newer", "any_i"),
            Fault("block_gate", "&& flying_q[b] == '0", ""),
            Fault("block_gate", "(over_q | ends) & ~release_o", "over_q | ends"),
            *resets.faults("slot_ring"),
            *resets.faults("block_gate"),
        ),
        harmless=resets.harmless("block_gate"),
    )


def _h_banks() -> Check:
    return Check(
        "h-banks",
        "whole frames of newer blocks fill the banks in turn and stay until they are released",
        sizes("Words Slices", (3, 2), (1, 1), (2, 1), (1, 2)),
        12,
        (
            Fault("h_banks", "h_ready_o = !full_q[bank_q]", "h_ready_o = full_q != 2'b11"),
            Fault("h_banks", "h_valid_i && h_ready_o", "h_valid_i"),
            Fault("h_banks", "any_o && !newer", "!newer"),
            Fault("h_banks", "blocks_q[newest_o]", "blocks_q[bank_q]"),
            Fault("h_banks", "full_q & ~release_i", "full_q"),
            Fault("h_banks", "blocks_q[bank_q] <= h_block_i", "blocks_q[newest_o] <= h_block_i"),
            Fault("h_banks", "{bank_q, word}", "{1'b0, word}"),
            Fault("h_banks", "Slices'(1) << slice", "Slices'(1)"),
            Fault("frame_guard", "errors_o + CountWidth'(1)", "errors_o + CountWidth'(2)"),
            Fault("block_newer", "&& !ahead[Width-1]", ""),
            *resets.faults("h_banks"),
        ),
    )


def _y_records() -> Check:
    return Check(
        "y-records",
        "whole frames are committed, and their records stay until they are freed",
        sizes(
            "Frames Vectors Words RowsPerWord",
            (4, 2, 2, 1),
            (3, 1, 2, 2),
            (1, 1, 1, 1),
            (2, 2, 1, 1),
            (6, 2, 1, 2),
        ),
        12,
        (
            Fault("y_records", "y_ready_o = free_i", "y_ready_o = 1'b1"),
            Fault("y_records", "y_valid_i && y_ready_o", "y_valid_i"),
            Fault("y_records", "RowsPerWord'(1) << row", "RowsPerWord'(1)"),
            Fault("y_records", "(read_frame_i == FrameWidth'(Frames - 1))", "(1'b0)"),
            Fault("y_records", "= odd_q\n", "= read_frame_i[0]\n"),
            Fault("y_records", "(load_i[0] == 1'(b))", "1'b1"),
            Fault("y_records", "(frame >> 1)", "(read_frame_i >> 1)"),
            Fault("frame_guard", "!last_i && (dropping_q || frame_end)", "!last_i && frame_end"),
            Fault("frame_guard", "if (error_o && errors_o != '1)", "if (error_o)"),
        ),
    )


def _fusion_inbox() -> Check:
    return Check(
        "fusion-inbox",
        "each whole legal message shows once, in order; a beat waits for a full slot alone",
        sizes("Slots Layers Groups", (2, 3, 3), (1, 1, 1), (2, 2, 1), (3, 2, 2)),
        12,
        (
            Fault("frame_guard", "(last_i && refuse_i)", "refuse_i"),
            Fault("fusion_inbox", "group != '0 || !legal", "!legal"),
            Fault("fusion_inbox", "group != '0 || !legal ||", "group != '0 ||"),
            Fault("fusion_inbox", "32'(slot) < Slots && ", ""),
            Fault("fusion_inbox", "count_q[s] == 2'd2", "count_q[s] == 2'd1"),
            Fault("fusion_inbox", "count_q[s] == 2'd2", "count_q[s] == 2'd3"),
            Fault("fusion_inbox", "write_place_q[s] ^ count_q[s][0]", "write_place_q[s]"),
            Fault("fusion_inbox", "final_q[write_place_q[s]] <=", "final_q[head_place[s]] <="),
            Fault(
                "fusion_inbox", "users[{write_place_q[kept], kept}] <=", "users[{1'b0, kept}] <="
            ),
            Fault("fusion_inbox", "{write_place_q[kept], kept, group}", "{1'b0, kept, group}"),
            Fault("fusion_inbox", "busy_o = |ready_slots_o", "busy_o = &ready_slots_o"),
            *resets.faults("fusion_inbox"),
        ),
        harmless=resets.harmless("fusion_inbox"),
    )
