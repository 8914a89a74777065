// SPDX-License-Identifier: Apache-2.0
// fusion_inbox, whose messages are read and freed at will: of one slot, chosen at will, each whole legal
// message shows once, in order, with what it said; a beat waits for a full slot alone; other messages are
// flagged and counted once. One message of that slot is followed, and one group of it.
`default_nettype none

module fusion_inbox_formal #(
  parameter int unsigned Slots  = 2,
  parameter int unsigned Layers = 2,
  parameter int unsigned Groups = 2
) (
  input  wire logic       clk_i,
  input  wire logic       again_i,  // another reset
  input  wire logic       valid_i,
  input  wire logic       last_i,
  input  wire logic [1:0] data_i,
  input  wire logic [4:0] user_i,
  input  wire logic       done_i,
  input  wire logic [1:0] read_slot_i,
  input  wire logic [1:0] read_group_i,
  input  wire logic       mark_i,
  input  wire logic [1:0] chosen_slot_i,
  input  wire logic [1:0] chosen_group_i,
  output logic            bad_ready,
  output logic            bad_whole,
  output logic            bad_user,
  output logic            bad_estimate,
  output logic            bad_error
);
  localparam int unsigned SlotWidth = (Slots > 1) ? $clog2(Slots) : 1;
  localparam int unsigned LayerWidth = (Layers > 1) ? $clog2(Layers) : 1;
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1;
  localparam int unsigned UserWidth = SlotWidth + LayerWidth + 1;
  localparam int unsigned KeptWidth = UserWidth - SlotWidth;

  logic begun_q = 1'b0;
  logic rst_n, ready, busy, error, legal, beat, spoiled, whole, mine, done, taken;
  logic [Slots-1:0] ready_slots, final_slots;
  logic [KeptWidth-1:0] user_shown, user_q;
  logic [UserWidth-1:0] user, key_q;
  logic [SlotWidth-1:0] slot, read_slot, chosen_q;
  logic [LayerWidth-1:0] layer;
  logic [1:0] estimate, errors, errors_q, count_q, clamped, data_q, group_q, expected_q, marked_data_q;
  logic [3:0] beats_q;
  logic spoiled_q, error_q, marked_q, behind_q, read_q;

  assign rst_n     = begun_q && !again_i;
  assign user      = UserWidth'(user_i);
  assign slot      = user[SlotWidth-1:0];
  assign layer     = user[SlotWidth +: LayerWidth];
  assign legal     = 32'(slot) < Slots && 32'(layer) < Layers;
  assign read_slot = SlotWidth'(read_slot_i);
  assign done      = done_i && 32'(read_slot) < Slots && ready_slots[read_slot];

  fusion_inbox #(
    .Slots(Slots), .Layers(Layers), .Groups(Groups), .GroupColumns(1), .StateWidth(2),
    .UserWidth(UserWidth), .CountWidth(2)
  ) u_dut (
    .clk_i, .rst_ni(rst_n), .valid_i, .ready_o(ready), .data_i, .last_i, .user_i(user),
    .ready_slots_o(ready_slots), .final_slots_o(final_slots), .user_slot_i(chosen_q),
    .user_o(user_shown), .read_slot_i(read_slot), .read_group_i(GroupWidth'(read_group_i)),
    .done_i(done), .estimate_o(estimate), .busy_o(busy), .error_o(error), .errors_o(errors)
  );

  assign beat    = valid_i && ready;
  assign spoiled = !legal || (beats_q != '0 && (spoiled_q || user != key_q));
  assign whole   = beat && last_i && beats_q == 4'(Groups - 1) && !spoiled;
  assign mine    = whole && slot == chosen_q;
  assign taken   = done && read_slot == chosen_q;
  assign clamped = (data_i == 2'b10) ? 2'b11 : data_i;

  always_ff @(posedge clk_i) begin
    begun_q <= 1'b1;
    if (!begun_q) begin
      chosen_q <= (32'(chosen_slot_i) < Slots) ? SlotWidth'(chosen_slot_i) : '0;
      group_q  <= (32'(chosen_group_i) < Groups) ? chosen_group_i : '0;
    end
    if (!rst_n) begin
      beats_q  <= '0;
      count_q  <= '0;
      error_q  <= 1'b0;
      errors_q <= '0;
      marked_q <= 1'b0;
      read_q   <= 1'b0;
    end else begin
      if (beat) begin
        beats_q   <= last_i ? 4'd0 : (beats_q < 4'(Groups)) ? beats_q + 4'd1 : beats_q;
        spoiled_q <= spoiled;
        if (beats_q == '0) key_q <= user;
        if (beats_q == 4'(group_q)) data_q <= clamped;
      end
      count_q <= count_q + 2'(mine) - 2'(taken);
      error_q <= beat && ((last_i && beats_q < 4'(Groups) && !whole)
        || (!last_i && beats_q == 4'(Groups - 1)));
      if (error_q && errors_q != '1) errors_q <= errors_q + 2'd1;

      // The marked message has at most one before it.
      if (mine && mark_i && !marked_q) begin
        marked_q      <= 1'b1;
        behind_q      <= (count_q - 2'(taken)) != '0;
        user_q        <= user[UserWidth-1:SlotWidth];
        marked_data_q <= (4'(group_q) == 4'(Groups - 1)) ? clamped : data_q;
      end else if (taken) begin
        behind_q <= 1'b0;
        if (!behind_q) marked_q <= 1'b0;
      end

      read_q     <= marked_q && !behind_q && read_slot == chosen_q && read_group_i == group_q;
      expected_q <= marked_data_q;
    end
  end

  // A message that has begun has its place; behind its end it is a message to come.
  assign bad_ready = begun_q && ((beats_q != '0 && beats_q < 4'(Groups)) || !legal ? !ready
    : slot == chosen_q && ready != (count_q < 2'd2));
  assign bad_whole = begun_q && (ready_slots[chosen_q] != (count_q != '0)
    || (count_q != '0 && !busy) || (ready_slots == '0 && busy));
  assign bad_user  = begun_q && marked_q && !behind_q && (user_shown != user_q
    || final_slots[chosen_q] != (user_q[LayerWidth-1:0] == LayerWidth'(Layers - 1)));
  assign bad_estimate = begun_q && read_q && estimate != expected_q;
  assign bad_error    = begun_q && (error != error_q || errors != errors_q);
endmodule

`default_nettype wire
