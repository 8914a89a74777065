// SPDX-License-Identifier: Apache-2.0
// soft_threshold against sgn(u)·max(|u| - threshold, 0) in wide integers.
`default_nettype none

module soft_threshold_formal #(
  parameter int unsigned Width = 16
) (
  input  wire logic         clk_i,
  input  wire logic [255:0] free_i,
  output logic              bad_o
);
  localparam int unsigned Wide = Width + 2;

  logic signed [Width-1:0] update, threshold, state;
  logic signed [Wide-1:0] magnitude, rest, expected;

  assign {threshold, update} = free_i[2*Width-1:0];
  assign magnitude = (update < 0) ? -Wide'(update) : Wide'(update);
  assign rest      = (magnitude > Wide'(threshold)) ? magnitude - Wide'(threshold) : '0;
  assign expected  = (update < 0) ? -rest : rest;

  soft_threshold #(.Width(Width)) u_dut (
    .update_i(update), .threshold_i(threshold), .state_o(state)
  );
  assign bad_o = threshold >= 0 && Wide'(state) != expected;

  logic unused;
  assign unused = &{clk_i, free_i};
endmodule

`default_nettype wire
