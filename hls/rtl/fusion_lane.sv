// SPDX-License-Identifier: Apache-2.0
// One column of the fusion node, eqs. (22) and (23):
//   s = sat(RS(1/C·Σx_c)),   z = sat(RS(s + t/(t+3)·(s − s_prev)))   and the Gray bits of s.
// previous_i (s_prev) belongs to the stage in which state_now_o shows s, momentum_i to the next one.
// Latency: $clog2(Units) + 2 cycles to state_now_o (sum, mean, s), 4 more to the outputs (change,
// product, sum, z). Golden model: fixedpoint/detectors/units.py, fusion.
`default_nettype none

module fusion_lane #(
  localparam int unsigned Units = bitfold_fusion_pkg::Units,
  localparam int unsigned StateWidth = bitfold_pkg::StateWidth,
  localparam int unsigned SlicerBits = bitfold_pkg::SlicerBits
) (
  input  wire logic                                         clk_i,
  input  wire logic [Units*StateWidth-1:0]                  estimates_i,
  output logic      signed [StateWidth-1:0]                 state_now_o,
  input  wire logic signed [StateWidth-1:0]                 previous_i,
  input  wire logic signed [bitfold_fusion_pkg::MomentumWidth-1:0] momentum_i,
  output bitfold_fusion_pkg::fusion_trace_t                        fused_o
);
  localparam int unsigned TotalWidth = StateWidth + $clog2(Units);
  localparam int unsigned MeanWidth = TotalWidth + bitfold_fusion_pkg::MeanWidth - 1;
  localparam int unsigned ScaledWidth = StateWidth + bitfold_fusion_pkg::MomentumWidth;

  logic signed [TotalWidth-1:0] total;
  logic signed [MeanWidth-1:0] mean_q;
  logic signed [StateWidth-1:0] state, state_late, state_out;
  logic signed [StateWidth:0] change_q;
  logic signed [ScaledWidth-1:0] scaled_q;

  adder_tree #(.Count(Units), .Width(StateWidth), .SumWidth(TotalWidth)) u_total (
    .clk_i, .terms_i(estimates_i), .sum_o(total)
  );

  requantize #(
    .SourceWidth(MeanWidth), .Shift(bitfold_fusion_pkg::MeanShift), .TargetWidth(StateWidth)
  ) u_mean (
    .value_i(mean_q), .value_o(state)
  );

  always_ff @(posedge clk_i) begin
    mean_q      <= MeanWidth'(total) * MeanWidth'(bitfold_fusion_pkg::Mean);
    state_now_o <= state;
    change_q    <= (StateWidth + 1)'(state_now_o) - (StateWidth + 1)'(previous_i);
    scaled_q    <= ScaledWidth'(change_q) * ScaledWidth'(momentum_i);
  end

  delay #(.Width(StateWidth), .Depth(2)) u_state (
    .clk_i, .data_i(state_now_o), .data_o(state_late)
  );
  delay #(.Width(StateWidth), .Depth(2)) u_state_out (
    .clk_i, .data_i(state_late), .data_o(state_out)
  );

  combine #(
    .FirstWidth(StateWidth), .FirstAlign(bitfold_fusion_pkg::StateAlign), .SecondWidth(ScaledWidth),
    .SecondAlign(bitfold_fusion_pkg::MomentumAlign), .SumWidth(bitfold_fusion_pkg::ExtrapolationWidth),
    .Shift(bitfold_fusion_pkg::ExtrapolateShift), .TargetWidth(StateWidth)
  ) u_extrapolated (
    .clk_i, .first_i(state_late), .second_i(scaled_q), .value_o(fused_o.extrapolated)
  );

  slicer #(
    .Width(StateWidth), .Bits(SlicerBits), .Count(bitfold_pkg::SlicerCount),
    .Thresholds(bitfold_pkg::SlicerThresholds)
  ) u_slicer (
    .state_i(state_out), .bits_o(fused_o.bits)
  );
  assign fused_o.state = state_out;
endmodule

`default_nettype wire
