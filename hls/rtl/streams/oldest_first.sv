// SPDX-License-Identifier: Apache-2.0
// The choice of the next slot: of the open ones the oldest, that is the first from oldest_i on around
// the ring. Without an open one pick_o is low and slot_o is oldest_i.
// Latency: combinational.
`default_nettype none

module oldest_first #(
  parameter int unsigned Slots = 4,
  localparam int unsigned SlotWidth = (Slots > 1) ? $clog2(Slots) : 1
) (
  input  wire logic [Slots-1:0]     open_i,
  input  wire logic [SlotWidth-1:0] oldest_i,
  output logic                      pick_o,
  output logic      [SlotWidth-1:0] slot_o,
  output logic      [SlotWidth-1:0] next_oldest_o  // the place behind the oldest one
);
  // The lowest open slot; slot 0 without one.
  function automatic logic [SlotWidth-1:0] lowest(input logic [Slots-1:0] open);
    lowest = '0;
    for (int unsigned i = 1; i <= Slots; i++) begin
      if (open[Slots-i]) lowest = SlotWidth'(Slots - i);
    end
  endfunction

  // Slots up to the end of the ring, then, without an open one there, from its beginning: two choices
  // side by side are faster than one that turns the ring.
  logic [Slots-1:0] ahead;

  always_comb begin
    for (int unsigned s = 0; s < Slots; s++) ahead[s] = open_i[s] && SlotWidth'(s) >= oldest_i;
    if (ahead != '0) slot_o = lowest(ahead);
    else if (pick_o) slot_o = lowest(open_i);
    else slot_o = oldest_i;
  end

  assign pick_o        = open_i != '0;
  assign next_oldest_o = (oldest_i == SlotWidth'(Slots - 1)) ? '0 : oldest_i + SlotWidth'(1);
endmodule

`default_nettype wire
