// SPDX-License-Identifier: Apache-2.0
// Which slot the fusion node processes next: the oldest one of those with a whole message of every unit;
// a last layer's only if it is the oldest of all and the output has room for it (reserve_o takes that).
// Groups come one a cycle, without a gap between two slots; done_o marks the last one.
// Latency: a slot that becomes ready in cycle t has its first group issued in t + 1.
`default_nettype none

module fusion_schedule #(
  parameter int unsigned Slots     = 8,
  parameter int unsigned Layers    = 5,
  parameter int unsigned Groups    = 8,
  parameter int unsigned UserWidth = 13,  // {…, layer, slot}
  localparam int unsigned SlotWidth = (Slots > 1) ? $clog2(Slots) : 1,
  localparam int unsigned LayerWidth = (Layers > 1) ? $clog2(Layers) : 1,
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1
) (
  input  wire logic                       clk_i,
  input  wire logic                       rst_ni,
  input  wire logic [Slots-1:0]           whole_i,
  input  wire logic [Slots*UserWidth-1:0] users_i,  // of the slots' messages
  input  wire logic                       room_i,
  output logic                            reserve_o,
  output logic                            valid_o,
  output logic      [UserWidth-1:0]       user_o,
  output logic      [GroupWidth-1:0]      group_o,
  output logic                            done_o
);
  logic [Slots-1:0] final_layer, open;
  logic [SlotWidth-1:0] oldest_q, next_oldest, pick_slot;
  logic take, found, pick;

  // The slot at work is not ready again before its message has gone.
  always_comb begin
    for (int unsigned s = 0; s < Slots; s++) begin
      final_layer[s] = users_i[s*UserWidth+SlotWidth +: LayerWidth] == LayerWidth'(Layers - 1);
      open[s] = whole_i[s] && !(valid_o && user_o[SlotWidth-1:0] == SlotWidth'(s))
        && (!final_layer[s] || (room_i && oldest_q == SlotWidth'(s)));
    end
  end

  oldest_first #(.Slots(Slots)) u_choice (
    .open_i(open), .oldest_i(oldest_q), .pick_o(found), .slot_o(pick_slot),
    .next_oldest_o(next_oldest)
  );

  assign done_o    = valid_o && group_o == GroupWidth'(Groups - 1);
  assign take      = !valid_o || done_o;
  assign pick      = take && found;
  assign reserve_o = pick && final_layer[pick_slot];

  // A vector that leaves hands the head of the order to the next slot of the ring.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) oldest_q <= '0;
    else if (reserve_o) oldest_q <= next_oldest;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_o <= 1'b0;
      group_o <= '0;
    end else if (take) begin
      valid_o <= pick;
      group_o <= '0;
    end else begin
      group_o <= group_o + GroupWidth'(1);
    end
  end

  always_ff @(posedge clk_i) if (take) user_o <= users_i[pick_slot*UserWidth +: UserWidth];
endmodule

`default_nettype wire
