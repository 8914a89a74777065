// SPDX-License-Identifier: Apache-2.0
// One column of HPD's column function, in seven stages:
//   1 distance of z from the grid      2 the table's address      3 pull, κμ·g      4 weight·pull
//   5 z + κμ·g − weight·pull, aligned      6 requantized      7 projected
// Latency: 7 cycles; step_i belongs to stage 1, weight_i to stage 3. Golden model: fixedpoint/detectors/hpd.py.
`default_nettype none

module hpd_lane (
  input  wire logic                                         clk_i,
  input  wire logic signed [bitfold_pkg::StateWidth-1:0]    state_i,
  input  wire logic signed [bitfold_pkg::GradientWidth-1:0] gradient_i,
  input  wire logic signed [bitfold_pkg::StepWidth-1:0]     step_i,
  input  wire logic signed [bitfold_pkg::WeightWidth-1:0]   weight_i,
  output logic      signed [bitfold_pkg::PullWidth-1:0]     pull_o,      // for the trace
  output logic      signed [bitfold_pkg::StateWidth-1:0]    estimate_o
);
  localparam int unsigned StateWidth = bitfold_pkg::StateWidth;
  localparam int unsigned PullWidth = bitfold_pkg::PullWidth;
  localparam int unsigned DistanceWidth = bitfold_pkg::DistanceWidth;
  localparam int unsigned GScaledWidth = bitfold_pkg::GScaledWidth;
  localparam int unsigned PullScaledWidth = bitfold_pkg::PullScaledWidth;
  localparam int unsigned ChangeWidth = bitfold_pkg::ChangeWidth;

  logic signed [DistanceWidth-1:0] distance, distance_q;
  logic signed [bitfold_pkg::GradientWidth-1:0] gradient_q;
  logic signed [GScaledWidth-1:0] g_scaled, g_scaled_4;
  logic signed [PullWidth-1:0] pull;
  logic signed [PullScaledWidth-1:0] pull_scaled_q;
  logic signed [StateWidth-1:0] state_4, update, update_q, projected;
  logic signed [ChangeWidth-1:0] change_q;

  grid_distance #(
    .Width(StateWidth), .DistanceWidth(DistanceWidth), .Bits(bitfold_pkg::SlicerBits),
    .Count(bitfold_pkg::SlicerCount), .Thresholds(bitfold_pkg::SlicerThresholds),
    .Peak(bitfold_pkg::Peak), .Spacing(bitfold_pkg::Spacing)
  ) u_distance (
    .state_i, .distance_o(distance)
  );

  table_read #(
    .SourceWidth(DistanceWidth), .Shift(bitfold_pkg::PullShift),
    .AddressWidth(bitfold_pkg::PullAddressWidth), .Width(PullWidth), .File("hpd_pull.mem")
  ) u_pull (
    .clk_i, .value_i(distance_q), .entry_o(pull)
  );

  // One rounding: the three terms are exact and meet at one point.
  always_ff @(posedge clk_i) begin
    distance_q    <= distance;
    gradient_q    <= gradient_i;
    pull_scaled_q <= PullScaledWidth'(pull) * PullScaledWidth'(weight_i);
    change_q      <= (ChangeWidth'(state_4) <<< bitfold_pkg::ZAlign)
      + (ChangeWidth'(g_scaled_4) <<< bitfold_pkg::GAlign)
      - (ChangeWidth'(pull_scaled_q) <<< bitfold_pkg::PullAlign);
    update_q      <= update;
    estimate_o    <= projected;
  end

  delay #(.Width(StateWidth), .Depth(4)) u_state (
    .clk_i, .data_i(state_i), .data_o(state_4)
  );
  product #(
    .AWidth(bitfold_pkg::GradientWidth), .BWidth(bitfold_pkg::StepWidth),
    .ProductWidth(GScaledWidth)
  ) u_g_scaled (
    .clk_i, .a_i(gradient_q), .b_i(step_i), .product_o(g_scaled)
  );
  delay #(.Width(GScaledWidth), .Depth(1)) u_g_scaled_4 (
    .clk_i, .data_i(g_scaled), .data_o(g_scaled_4)
  );
  delay #(.Width(PullWidth), .Depth(4)) u_trace_pull (
    .clk_i, .data_i(pull), .data_o(pull_o)
  );

  requantize #(
    .SourceWidth(ChangeWidth), .Shift(bitfold_pkg::UpdateShift), .TargetWidth(StateWidth)
  ) u_update (
    .value_i(change_q), .value_o(update)
  );

  box #(.Width(StateWidth)) u_project (
    .update_i(update_q), .bound_i(StateWidth'(bitfold_pkg::Peak)), .state_o(projected)
  );
endmodule

`default_nettype wire
