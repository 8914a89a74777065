// SPDX-License-Identifier: Apache-2.0
// Slicer: the Gray bits i ^ (i >> 1) of a state's position i on the grid, first bit on top. Thresholds:
// Count integers of Width bits, packed, in any order.
// Latency: combinational. Golden model: fixedpoint/numbers/slicer.py.
`default_nettype none

module slicer #(
  parameter int unsigned              Width      = 16,
  parameter int unsigned              Bits       = 2,
  parameter int unsigned              Count      = 3,
  parameter logic [Count*Width-1:0]   Thresholds = '0
) (
  input  wire logic signed [Width-1:0] state_i,
  output logic             [Bits-1:0]  bits_o
);
  if (Count + 1 != 1 << Bits) begin : gen_bad_count
    $error("slicer: Count must be 2^Bits - 1");
  end

  logic [Bits-1:0] position;

  grid_position #(
    .Width(Width), .Bits(Bits), .Count(Count), .Thresholds(Thresholds)
  ) u_position (
    .state_i, .position_o(position)
  );

  // A bit more than the position has keeps the shift legal for a single bit.
  assign bits_o = Bits'({1'b0, position} ^ ({1'b0, position} >> 1));
endmodule

`default_nettype wire
