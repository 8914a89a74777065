# SPDX-License-Identifier: Apache-2.0
"""The tests of each bench by name.

They are written out, so that one that vanished or was renamed fails the regression.
"""

from __future__ import annotations

REQUANTIZE = (
    "small_widths_agree_exhaustively",
    "corners_around_powers_of_two_agree",
    "random_integers_of_all_magnitudes_agree",
)
PRODUCT = (
    "small_widths_agree_exhaustively",
    "every_code_times_corners_agrees",
)
PROX = (
    "small_widths_agree_exhaustively",
    "corners_and_thresholds_themselves_agree",
    "random_updates_and_thresholds_agree",
)
SLICER = (
    "every_state_up_to_12_bits_is_decided_right",
    "a_state_on_a_threshold_decides_upwards",
    "random_states_are_decided_right",
)
ENGINE = (
    "both_passes_equal_the_products",
    "latencies_stalls_and_room_change_nothing",
    "a_new_matrix_waits_for_the_vectors_in_flight",
    "the_largest_sums_fit",
)
MACS = (
    "every_extreme_pair_of_products_agrees",
    "words_of_all_passes_back_to_back_agree",
    "the_largest_sums_of_both_signs_fit",
)
AXIS = ("cocotbext_axi_gets_the_golden_outputs",)
DETECTOR = (
    "outputs_and_inner_wires_equal_the_golden_model",
    "a_new_matrix_waits_for_the_vectors_in_flight",
    "each_vector_gets_the_constants_of_its_own_snr_index",
    "a_reset_with_vectors_in_flight_leaves_nothing_behind",
    "short_and_long_frames_are_dropped_counted_and_flagged",
    "integers_outside_their_formats_are_clamped",
    "outputs_keep_still_under_back_pressure",
    "a_beat_is_offered_before_anybody_asks_for_it",
    "the_hardware_names_the_spec_that_it_was_built_from",
)
PROTOCOL = (
    "a_damaged_tlast_costs_the_frames_and_vectors_that_the_rule_names",
    "a_block_without_any_y_ends_with_the_next_one",
    "a_matrix_that_is_not_newer_is_a_bad_frame",
    "a_reset_of_one_cycle_at_any_moment_is_enough",
)
STORED = (
    "a_vector_of_another_snr_index_is_detected_with_the_blocks_marked_and_counted",
    "an_index_beyond_the_bank_is_its_last_entry_on_both_streams",
    "the_index_of_a_dropped_matrix_frame_leaves_nothing_behind",
    "matrices_of_another_index_serve_exactly_their_own_vectors",
    "integers_are_clamped_to_the_format_of_their_own_matrix",
    "a_reset_among_the_rows_of_p_starts_again_with_f",
)
PACKING = (
    "pairs_form_within_a_block_alone",
    "a_lone_vector_waits_for_nobody",
    "a_broken_frame_does_not_part_a_pair",
    "a_reset_forgets_the_vector_that_waits",
)
SOFT = (
    "each_output_stream_waits_for_its_own_reader_alone",
    "readers_out_of_step_get_the_same_vectors_in_order",
)
SHIPPED = ("channel_draws_equal_the_golden_model",)
THETA = (
    "a_new_theta_serves_exactly_the_vectors_after_it",
    "a_broken_theta_is_dropped_counted_and_flagged",
    "a_theta_offered_within_a_frame_of_y_waits_for_it",
    "a_theta_behind_a_reset_within_a_frame_of_y_waits_for_nothing",
    "a_damaged_tlast_of_theta_costs_whole_frames_alone",
    "integers_outside_the_formats_of_theta_are_clamped",
    "a_reset_brings_back_the_theta_of_the_spec",
)
FUSION = (
    "answers_and_outputs_equal_the_golden_model",
    "units_that_answer_late_and_out_of_step_change_nothing",
    "messages_for_a_full_slot_wait",
    "broken_messages_are_dropped_counted_and_flagged",
    "a_damaged_tlast_of_a_message_costs_what_is_sent_anew",
    "a_full_output_holds_up_last_layers_alone",
    "a_stalled_downlink_holds_up_its_own_unit_alone",
    "estimates_outside_their_format_are_clamped",
    "a_reset_leaves_nothing_behind",
    "a_reset_of_one_cycle_at_any_moment_is_enough",
)
UNIT = (
    "late_answers_in_another_order_of_slots_change_nothing",
    "broken_answers_are_dropped_counted_and_flagged",
    "a_damaged_tlast_of_an_answer_costs_what_is_sent_anew",
    "a_blocked_uplink_fills_its_queue_and_loses_nothing",
    "answers_that_nobody_asked_for_are_refused",
    "a_reset_while_answers_are_due_leaves_nothing_behind",
)
UNITS = (
    "matrices_of_the_units_come_at_different_times",
    "a_matrix_dropped_in_one_unit_holds_up_the_others_only",
)

AT_RANDOM = {
    "a_reset_of_one_cycle_at_any_moment_is_enough": "resets",
    "a_damaged_tlast_costs_the_frames_and_vectors_that_the_rule_names": "damage, H and y",
    "a_damaged_tlast_of_theta_costs_whole_frames_alone": "damage, θ",
    "a_damaged_tlast_of_an_answer_costs_what_is_sent_anew": "damage, down",
    "a_damaged_tlast_of_a_message_costs_what_is_sent_anew": "damage, up",
}
"""The claims that `--count` repeats, and what the soak calls them."""
