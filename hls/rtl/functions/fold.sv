// SPDX-License-Identifier: Apache-2.0
// An axis folded at 0: crease - |u|, crease >= 0.
// Latency: combinational. Golden model: Folded in fixedpoint/program/views/golden.py.
`default_nettype none

module fold #(
  parameter int unsigned Width = 16
) (
  input  wire logic signed [Width-1:0] value_i,
  input  wire logic signed [Width-1:0] crease_i,
  output logic      signed [Width-1:0] folded_o
);
  if (Width < 2) begin : gen_bad_width
    $error("fold: Width must be at least 2");
  end

  // One sum: what is not negative is inverted, and the carry in completes its negative.
  logic positive, unused_carry;

  assign positive = !value_i[Width-1];
  assign {folded_o, unused_carry} = {crease_i, positive} + {value_i ^ {Width{positive}}, positive};
endmodule

`default_nettype wire
