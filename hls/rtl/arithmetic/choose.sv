// SPDX-License-Identifier: Apache-2.0
// One of two values: `then` where the code equals a number, else the other one.
// Latency: combinational. Golden model: fixedpoint/program/views/golden.py, Chosen.
`default_nettype none

module choose #(
  parameter int unsigned                 CodeWidth = 3,
  parameter logic signed [CodeWidth-1:0] Equals    = '0,
  parameter int unsigned                 Width     = 8
) (
  input  wire logic signed [CodeWidth-1:0] code_i,
  input  wire logic signed [Width-1:0]     then_i,
  input  wire logic signed [Width-1:0]     otherwise_i,
  output logic      signed [Width-1:0]     value_o
);
  assign value_o = (code_i == Equals) ? then_i : otherwise_i;
endmodule

`default_nettype wire
