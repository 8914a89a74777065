// SPDX-License-Identifier: Apache-2.0
// Drops Shift fractional bits, rounding half up, then saturates to the symmetric range of TargetWidth:
// (q + 2^(Shift-1)) >> Shift, clipped to ±(2^(TargetWidth-1) - 1). Any shift is legal: 0 saturates only
// (an input clamp), a negative one is an exact left shift, one beyond the source's width leaves 0.
// As requantize, with a register between its two halves and one behind.
// Latency: 2 cycles (rounded, saturated). Golden model: fixedpoint/numbers/requantize.py.
`default_nettype none

module requantize_stages #(
  parameter int unsigned SourceWidth = 32,
  parameter int          Shift       = 8,
  parameter int unsigned TargetWidth = 8
) (
  input  wire logic                          clk_i,
  input  wire logic signed [SourceWidth-1:0] value_i,
  output logic      signed [TargetWidth-1:0] value_o
);
  localparam int unsigned Right = (Shift > 0) ? unsigned'(Shift) : 0;
  localparam int unsigned Left = (Shift < 0) ? unsigned'(-Shift) : 0;
  // Wide enough for the source shifted left, the sum with the rounding constant, and the limits.
  localparam int unsigned Sum = ((SourceWidth + Left > Right) ? SourceWidth + Left : Right) + 1;
  localparam int unsigned Wide = (Sum > TargetWidth) ? Sum : TargetWidth;

  if (SourceWidth < 1 || TargetWidth < 2) begin : gen_bad_width
    $error("requantize_stages: SourceWidth must be at least 1 and TargetWidth at least 2");
  end

  logic signed [Wide-1:0] rounded, rounded_q;
  logic signed [TargetWidth-1:0] value;

  always_ff @(posedge clk_i) begin
    rounded_q <= rounded;
    value_o   <= value;
  end

  round_shift #(.SourceWidth(SourceWidth), .Shift(Shift), .Width(Wide)) u_round (
    .value_i, .rounded_o(rounded)
  );
  saturate #(.Width(Wide), .TargetWidth(TargetWidth)) u_saturate (
    .value_i(rounded_q), .value_o(value)
  );
endmodule

`default_nettype wire
