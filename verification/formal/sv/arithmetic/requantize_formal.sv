// SPDX-License-Identifier: Apache-2.0
// requantize against the rule of rounding.
`default_nettype none

module requantize_formal #(
  parameter int unsigned SourceWidth = 32,
  parameter int          Shift       = 8,
  parameter int unsigned TargetWidth = 8
) (
  input  wire logic         clk_i,
  input  wire logic [255:0] free_i,
  output logic              bad_o
);
  logic signed [TargetWidth-1:0] result;

  requantize #(.SourceWidth(SourceWidth), .Shift(Shift), .TargetWidth(TargetWidth)) u_dut (
    .value_i(free_i[SourceWidth-1:0]), .value_o(result)
  );
  rounding_rule #(.SourceWidth(SourceWidth), .Shift(Shift), .TargetWidth(TargetWidth)) u_rule (
    .source_i(free_i[SourceWidth-1:0]), .result_i(result), .broken_o(bad_o)
  );

  logic unused;
  assign unused = &{clk_i, free_i};
endmodule

`default_nettype wire
