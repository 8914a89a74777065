// SPDX-License-Identifier: Apache-2.0
// The sum of two terms of different points, requantized once:
// sat(RS((first << FirstAlign) + (second << SecondAlign), Shift)), or their difference if Subtract.
// As combine, with a register between the two halves of the requantization.
// Latency: 3 cycles (sum, rounded, saturated). Golden model: fixedpoint/requantize.py, combine.
`default_nettype none

module combine_stages #(
  parameter int unsigned FirstWidth  = 10,
  parameter int unsigned FirstAlign  = 0,
  parameter int unsigned SecondWidth = 20,
  parameter int unsigned SecondAlign = 0,
  parameter bit          Subtract    = 1'b0,
  parameter int unsigned SumWidth    = 24,  // of the exact sum
  parameter int          Shift       = 8,
  parameter int unsigned TargetWidth = 10
) (
  input  wire logic                          clk_i,
  input  wire logic signed [FirstWidth-1:0]  first_i,
  input  wire logic signed [SecondWidth-1:0] second_i,
  output logic      signed [TargetWidth-1:0] value_o
);
  logic signed [SumWidth-1:0] first, second, sum_q;

  assign first  = SumWidth'(first_i) <<< FirstAlign;
  assign second = SumWidth'(second_i) <<< SecondAlign;

  always_ff @(posedge clk_i) sum_q <= Subtract ? first - second : first + second;

  requantize_stages #(
    .SourceWidth(SumWidth), .Shift(Shift), .TargetWidth(TargetWidth)
  ) u_requantize (
    .clk_i, .value_i(sum_q), .value_o
  );
endmodule

`default_nettype wire
