// SPDX-License-Identifier: Apache-2.0
// Drops Shift fractional bits, rounding half up: (q + 2^(Shift-1)) >> Shift, exact. Any shift is legal: 0
// passes on, a negative one is an exact left shift, one beyond the source's width leaves 0.
// Latency: combinational. Golden model: fixedpoint/numbers/requantize.py.
`default_nettype none

module round_shift #(
  parameter int unsigned SourceWidth = 32,
  parameter int          Shift       = 8,
  parameter int unsigned Width       = 33  // of the result, see requantize
) (
  input  wire logic signed [SourceWidth-1:0] value_i,
  output logic      signed [Width-1:0]       rounded_o
);
  localparam int unsigned Right = (Shift > 0) ? unsigned'(Shift) : 0;
  localparam int unsigned Left = (Shift < 0) ? unsigned'(-Shift) : 0;
  localparam logic signed [Width-1:0] Half = (Width'(1) << Right) >> 1;

  if (SourceWidth < 1 || Width <= SourceWidth + Left || Width <= Right) begin : gen_bad_width
    $error("round_shift: Width must hold the shifted source and the rounding constant");
  end

  // One exact sum and one shift: the arithmetic shift floors, the constant makes it half up.
  assign rounded_o = ((Width'(value_i) <<< Left) + Half) >>> Right;
endmodule

`default_nettype wire
