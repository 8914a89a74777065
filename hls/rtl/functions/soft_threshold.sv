// SPDX-License-Identifier: Apache-2.0
// Soft threshold: v = sgn(u) * max(|u| - threshold, 0), the prox of eq. (8); threshold >= 0.
// Latency: combinational. Golden model: fixedpoint/numbers/prox.py.
`default_nettype none

module soft_threshold #(
  parameter int unsigned Width = 16
) (
  input  wire logic signed [Width-1:0] update_i,
  input  wire logic signed [Width-1:0] threshold_i,
  output logic      signed [Width-1:0] state_o
);
  if (Width < 2) begin : gen_bad_width
    $error("soft_threshold: Width must be at least 2");
  end

  logic signed [Width:0] above, below;

  assign above = (Width + 1)'(update_i) - (Width + 1)'(threshold_i);
  assign below = (Width + 1)'(update_i) + (Width + 1)'(threshold_i);

  // Beyond the threshold the state moves towards zero by it; between -threshold and threshold it is 0. The
  // signs alone tell: a difference of 0 is the state 0.
  always_comb begin
    if (!above[Width]) state_o = Width'(above);
    else if (below[Width]) state_o = Width'(below);
    else state_o = '0;
  end
endmodule

`default_nettype wire
