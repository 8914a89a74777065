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

  // Towards zero by the threshold, in one sum: of an update that is not negative the threshold is inverted,
  // and the carry in completes its negative. What has changed its sign has crossed zero and is 0.
  logic positive, unused_carry;
  logic signed [Width-1:0] moved;

  assign positive = !update_i[Width-1];
  assign {moved, unused_carry} = {update_i, positive} + {threshold_i ^ {Width{positive}}, positive};
  assign state_o = (moved[Width-1] == positive) ? '0 : moved;
endmodule

`default_nettype wire
