// SPDX-License-Identifier: Apache-2.0
// Which slot the fusion node processes next: the oldest one of those with a whole message of every unit;
// a last layer's only if it is the oldest of all and the output has room for it (reserve_o takes that).
// Groups come one a cycle, without a gap between two slots; done_o marks the last one. In the cycle before
// the first group of a slot take_o is high and pick_slot_o is that slot.
// Latency: a slot that becomes ready in cycle t has its first group issued in t + 1.
`default_nettype none

module fusion_schedule #(
  parameter int unsigned Slots  = 8,
  parameter int unsigned Groups = 8,
  localparam int unsigned SlotWidth = (Slots > 1) ? $clog2(Slots) : 1,
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1
) (
  input  wire logic                  clk_i,
  input  wire logic                  rst_ni,
  input  wire logic [Slots-1:0]      whole_i,
  input  wire logic [Slots-1:0]      final_i,  // the slot's messages are of the last layer
  input  wire logic                  room_i,
  output logic                       reserve_o,
  output logic                       take_o,
  output logic      [SlotWidth-1:0]  pick_slot_o,
  output logic                       valid_o,
  output logic      [SlotWidth-1:0]  slot_o,
  output logic      [GroupWidth-1:0] group_o,
  output logic                       done_o
);
  logic [Slots-1:0] open;
  logic [SlotWidth-1:0] oldest_q, next_oldest;
  logic found, pick;

  // The slot at work is not ready again before its message has gone.
  always_comb begin
    for (int unsigned s = 0; s < Slots; s++) begin
      open[s] = whole_i[s] && !(valid_o && slot_o == SlotWidth'(s))
        && (!final_i[s] || (room_i && oldest_q == SlotWidth'(s)));
    end
  end

  oldest_first #(.Slots(Slots)) u_choice (
    .open_i(open), .oldest_i(oldest_q), .pick_o(found), .slot_o(pick_slot_o),
    .next_oldest_o(next_oldest)
  );

  assign done_o    = valid_o && group_o == GroupWidth'(Groups - 1);
  assign take_o    = !valid_o || done_o;
  assign pick      = take_o && found;
  assign reserve_o = pick && final_i[pick_slot_o];

  // A vector that leaves hands the head of the order to the next slot of the ring.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) oldest_q <= '0;
    else if (reserve_o) oldest_q <= next_oldest;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_o <= 1'b0;
      group_o <= '0;
    end else if (take_o) begin
      valid_o <= pick;
      group_o <= '0;
    end else begin
      group_o <= group_o + GroupWidth'(1);
    end
  end

  always_ff @(posedge clk_i) if (take_o) slot_o <= pick_slot_o;
endmodule

`default_nettype wire
