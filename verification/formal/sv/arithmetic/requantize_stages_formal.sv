// SPDX-License-Identifier: Apache-2.0
// requantize_stages against the rule of rounding, two cycles later.
`default_nettype none

module requantize_stages_formal #(
  parameter int unsigned SourceWidth = 32,
  parameter int          Shift       = 8,
  parameter int unsigned TargetWidth = 8
) (
  input  wire logic         clk_i,
  input  wire logic [255:0] free_i,
  output logic              bad_o
);
  logic [1:0] age_q = '0;
  logic signed [SourceWidth-1:0] source_q, source_qq;
  logic signed [TargetWidth-1:0] result;
  logic broken;

  always_ff @(posedge clk_i) begin
    age_q     <= {age_q[0], 1'b1};
    source_q  <= free_i[SourceWidth-1:0];
    source_qq <= source_q;
  end

  requantize_stages #(.SourceWidth(SourceWidth), .Shift(Shift), .TargetWidth(TargetWidth)) u_dut (
    .clk_i, .value_i(free_i[SourceWidth-1:0]), .value_o(result)
  );
  rounding_rule #(.SourceWidth(SourceWidth), .Shift(Shift), .TargetWidth(TargetWidth)) u_rule (
    .source_i(source_qq), .result_i(result), .broken_o(broken)
  );
  assign bad_o = age_q[1] && broken;
endmodule

`default_nettype wire
