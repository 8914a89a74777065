// SPDX-License-Identifier: Apache-2.0
// The gradient step of FPD-Net, eq. (37): b = sat(RS(z + κμ₁·g)).
// Latency: 5 cycles (operands, 2 for κμ₁·g, 2 of the combination); step_i comes a cycle after the operands.
// Golden model: fixedpoint/detectors/fpd.py.
`default_nettype none

module fpd_descent (
  input  wire logic                                         clk_i,
  input  wire logic signed [bitfold_pkg::GradientWidth-1:0] gradient_i,
  input  wire logic signed [bitfold_pkg::StateWidth-1:0]    state_i,
  input  wire logic signed [bitfold_pkg::StepWidth-1:0]     step_i,
  output logic      signed [bitfold_pkg::StateWidth-1:0]    b_o
);
  localparam int unsigned StateWidth = bitfold_pkg::StateWidth;
  localparam int unsigned ScaledWidth = bitfold_pkg::GScaledWidth;

  logic signed [bitfold_pkg::GradientWidth-1:0] gradient_q;
  logic signed [StateWidth-1:0] state_late;
  logic signed [ScaledWidth-1:0] scaled;

  always_ff @(posedge clk_i) gradient_q <= gradient_i;

  product #(
    .AWidth(bitfold_pkg::GradientWidth), .BWidth(bitfold_pkg::StepWidth),
    .ProductWidth(ScaledWidth)
  ) u_scaled (
    .clk_i, .a_i(gradient_q), .b_i(step_i), .product_o(scaled)
  );
  delay #(.Width(StateWidth), .Depth(3)) u_state (
    .clk_i, .data_i(state_i), .data_o(state_late)
  );

  combine #(
    .FirstWidth(StateWidth), .FirstAlign(bitfold_pkg::DescentZAlign), .SecondWidth(ScaledWidth),
    .SecondAlign(bitfold_pkg::DescentGAlign), .SumWidth(bitfold_pkg::DescentWidth),
    .Shift(bitfold_pkg::DescentShift), .TargetWidth(StateWidth)
  ) u_b (
    .clk_i, .first_i(state_late), .second_i(scaled), .value_o(b_o)
  );
endmodule

`default_nettype wire
