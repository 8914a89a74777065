// SPDX-License-Identifier: Apache-2.0
// oldest_first: the slot picked is open, and none of those between the oldest and it, around the ring, is.
`default_nettype none

module oldest_first_formal #(
  parameter int unsigned Slots = 4
) (
  input  wire logic         clk_i,
  input  wire logic [255:0] free_i,
  output logic              bad_o
);
  localparam int unsigned SlotWidth = (Slots > 1) ? $clog2(Slots) : 1;

  logic [Slots-1:0] open;
  logic [SlotWidth-1:0] oldest, slot, next_oldest;
  logic pick, passed_over, reached;
  logic [7:0] place;

  assign {oldest, open} = free_i[Slots+SlotWidth-1:0];

  oldest_first #(.Slots(Slots)) u_dut (
    .open_i(open), .oldest_i(oldest), .pick_o(pick), .slot_o(slot), .next_oldest_o(next_oldest)
  );

  // A walk around the ring from the oldest place on, up to the one picked.
  always_comb begin
    reached = 1'b0;
    passed_over = 1'b0;
    for (int unsigned i = 0; i < Slots; i++) begin
      place = 8'(oldest) + 8'(i);
      if (place >= 8'(Slots)) place = place - 8'(Slots);
      if (place == 8'(slot)) reached = 1'b1;
      else if (!reached && open[place]) passed_over = 1'b1;
    end
  end

  assign bad_o = 8'(oldest) < 8'(Slots) && (pick != (open != '0) || !reached
    || (pick ? !open[slot] || passed_over : slot != oldest)
    || 8'(next_oldest) != ((8'(oldest) == 8'(Slots - 1)) ? 8'd0 : 8'(oldest) + 8'd1));

  logic unused;
  assign unused = &{clk_i, free_i};
endmodule

`default_nettype wire
