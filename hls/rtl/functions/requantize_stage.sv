// SPDX-License-Identifier: Apache-2.0
// As requantize, with a register behind.
// Latency: 1 cycle. Golden model: fixedpoint/numbers/requantize.py.
`default_nettype none

module requantize_stage #(
  parameter int unsigned SourceWidth = 32,
  parameter int          Shift       = 8,
  parameter int unsigned TargetWidth = 8
) (
  input  wire logic                          clk_i,
  input  wire logic signed [SourceWidth-1:0] value_i,
  output logic      signed [TargetWidth-1:0] value_o
);
  logic signed [TargetWidth-1:0] value;

  requantize #(
    .SourceWidth(SourceWidth), .Shift(Shift), .TargetWidth(TargetWidth)
  ) u_requantize (
    .value_i, .value_o(value)
  );

  always_ff @(posedge clk_i) value_o <= value;
endmodule

`default_nettype wire
