// SPDX-License-Identifier: Apache-2.0
// Box: v = clip(u, -bound, bound), bound >= 0.
// Latency: combinational. Golden model: fixedpoint/numbers/prox.py.
`default_nettype none

module box #(
  parameter int unsigned Width = 16
) (
  input  wire logic signed [Width-1:0] update_i,
  input  wire logic signed [Width-1:0] bound_i,
  output logic      signed [Width-1:0] state_o
);
  if (Width < 2) begin : gen_bad_width
    $error("box: Width must be at least 2");
  end

  logic signed [Width:0] above, below;

  assign above = (Width + 1)'(update_i) - (Width + 1)'(bound_i);
  assign below = (Width + 1)'(update_i) + (Width + 1)'(bound_i);

  // A state outside the box, or on its border, moves to its nearer side; signs alone decide.
  always_comb begin
    if (above >= 0) state_o = bound_i;
    else if (below < 0) state_o = -bound_i;
    else state_o = update_i;
  end
endmodule

`default_nettype wire
