// SPDX-License-Identifier: Apache-2.0
// One column of ADMM-Net's column function, in stages counted from admm_update's input:
//   2 x0 of F·y      3 x0 and P·d of this layer      6 x      7 x − z      9 rel·(x − z)      12 xr
//   15 xr + u      16 v, its prox      18 v·(1/Δ)      20 c      22 c·Δ      24 z      25 xr − z
//   27 un·(xr − z)      30 u      33 d = z − u; all that has come before waits for it
// The constants arrive in the stage that uses them.
// Latency: 33 cycles. Golden model: fixedpoint/detectors/admm.py, fixedpoint/slicer.py.
`default_nettype none

module admm_lane
  import bitfold_pkg::*;
#(
  parameter int unsigned SumWidth = 28,
  localparam int unsigned GapWidth = StateWidth + 1
) (
  input  wire logic                              clk_i,
  input  wire logic signed [SumWidth-1:0]        sum_i,         // F·y in the first layer, P·d in the others
  input  wire logic signed [FrontWidth-1:0]      x0_i,
  input  wire logic signed [StateWidth-1:0]      z_i,
  input  wire logic signed [DualWidth-1:0]       u_i,
  input  wire logic                              first_2_i,     // stage 2: the first layer
  input  wire logic signed [RelaxationWidth-1:0] relaxation_i,  // stage 7
  input  wire logic signed [StateWidth-1:0]      threshold_i,   // stage 15
  input  wire logic signed [InverseWidth-1:0]    inverse_i,     // stage 16
  input  wire logic signed [StepWidth-1:0]       step_i,        // stage 20
  input  wire logic signed [DualStepWidth-1:0]   dual_step_i,   // stage 25
  output front_trace_t                           front_2_o,     // stage 2, for the trace
  output logic      signed [FrontWidth-1:0]      x0_o,
  output column_trace_t                          column_o
);
  logic signed [FrontWidth-1:0] front, x0_2, x0_q;
  logic signed [ProductWidth-1:0] product_2, product_q;
  logic signed [StateWidth-1:0] z_6, z_9, estimate, relaxed, relaxed_24, update, prox, state_q, decoded;
  logic signed [StateWidth-1:0] decoded_30;
  logic signed [DualWidth-1:0] u_12, u_27, dual;
  logic signed [GapWidth-1:0] gap_q, rest_q;
  logic signed [GapScaledWidth-1:0] gap_scaled;
  logic signed [CodeProductWidth-1:0] code_scaled;
  logic signed [CodeWidth-1:0] code;
  logic signed [DecodedProductWidth-1:0] decoded_scaled;
  logic signed [GapSteppedWidth-1:0] gap_stepped;
  logic [SlicerBits-1:0] bits, bits_q;

  // The first layer has no product, and its sum makes x0; the record brings it to the others.
  requantize_stages #(
    .SourceWidth(FilteredWidth), .Shift(FrontShift), .TargetWidth(FrontWidth)
  ) u_front (
    .clk_i, .value_i(sum_i[FilteredWidth-1:0]), .value_o(front)
  );
  delay #(.Width(FrontWidth), .Depth(2)) u_x0_2 (.clk_i, .data_i(x0_i), .data_o(x0_2));
  delay #(.Width(ProductWidth), .Depth(2)) u_product_2 (
    .clk_i, .data_i(sum_i[ProductWidth-1:0]), .data_o(product_2)
  );

  always_ff @(posedge clk_i) begin
    x0_q      <= first_2_i ? front : x0_2;
    product_q <= first_2_i ? '0 : product_2;
    gap_q     <= GapWidth'(estimate) - GapWidth'(z_6);
    state_q   <= prox;
    bits_q    <= bits;
    rest_q    <= GapWidth'(relaxed_24) - GapWidth'(decoded);
  end

  combine_stages #(
    .FirstWidth(FrontWidth), .FirstAlign(EstimateFrontAlign), .SecondWidth(ProductWidth),
    .SecondAlign(EstimateProductAlign), .SumWidth(EstimateSumWidth), .Shift(EstimateShift),
    .TargetWidth(StateWidth)
  ) u_estimate (
    .clk_i, .first_i(x0_q), .second_i(product_q), .value_o(estimate)
  );

  delay #(.Width(StateWidth), .Depth(6)) u_z_6 (.clk_i, .data_i(z_i), .data_o(z_6));
  delay #(.Width(StateWidth), .Depth(3)) u_z_9 (.clk_i, .data_i(z_6), .data_o(z_9));
  product #(
    .AWidth(GapWidth), .BWidth(RelaxationWidth), .ProductWidth(GapScaledWidth)
  ) u_gap_scaled (
    .clk_i, .a_i(gap_q), .b_i(relaxation_i), .product_o(gap_scaled)
  );
  combine_stages #(
    .FirstWidth(StateWidth), .FirstAlign(RelaxedStateAlign), .SecondWidth(GapScaledWidth),
    .SecondAlign(RelaxedGapAlign), .SumWidth(RelaxedSumWidth), .Shift(RelaxedShift),
    .TargetWidth(StateWidth)
  ) u_relaxed (
    .clk_i, .first_i(z_9), .second_i(gap_scaled), .value_o(relaxed)
  );

  delay #(.Width(DualWidth), .Depth(12)) u_u_12 (.clk_i, .data_i(u_i), .data_o(u_12));
  combine_stages #(
    .FirstWidth(StateWidth), .FirstAlign(UpdateRelaxedAlign), .SecondWidth(DualWidth),
    .SecondAlign(UpdateDualAlign), .SumWidth(UpdateSumWidth), .Shift(UpdateShift),
    .TargetWidth(StateWidth)
  ) u_update (
    .clk_i, .first_i(relaxed), .second_i(u_12), .value_o(update)
  );

  if (ProxBox) begin : gen_box
    box #(.Width(StateWidth)) u_prox (.update_i(update), .bound_i(threshold_i), .state_o(prox));
  end else begin : gen_soft
    soft_threshold #(.Width(StateWidth)) u_prox (.update_i(update), .threshold_i, .state_o(prox));
  end

  slicer #(
    .Width(StateWidth), .Bits(SlicerBits), .Count(SlicerCount), .Thresholds(SlicerThresholds)
  ) u_slicer (
    .state_i(state_q), .bits_o(bits)
  );

  product #(
    .AWidth(StateWidth), .BWidth(InverseWidth), .ProductWidth(CodeProductWidth)
  ) u_code_scaled (
    .clk_i, .a_i(state_q), .b_i(inverse_i), .product_o(code_scaled)
  );
  requantize_stages #(
    .SourceWidth(CodeProductWidth), .Shift(CodeShift), .TargetWidth(CodeWidth)
  ) u_code (
    .clk_i, .value_i(code_scaled), .value_o(code)
  );
  product #(
    .AWidth(CodeWidth), .BWidth(StepWidth), .ProductWidth(DecodedProductWidth)
  ) u_decoded_scaled (
    .clk_i, .a_i(code), .b_i(step_i), .product_o(decoded_scaled)
  );
  requantize_stages #(
    .SourceWidth(DecodedProductWidth), .Shift(DecodedShift), .TargetWidth(StateWidth)
  ) u_decoded (
    .clk_i, .value_i(decoded_scaled), .value_o(decoded)
  );

  delay #(.Width(StateWidth), .Depth(12)) u_relaxed_24 (
    .clk_i, .data_i(relaxed), .data_o(relaxed_24)
  );
  delay #(.Width(DualWidth), .Depth(15)) u_u_27 (.clk_i, .data_i(u_12), .data_o(u_27));
  product #(
    .AWidth(GapWidth), .BWidth(DualStepWidth), .ProductWidth(GapSteppedWidth)
  ) u_gap_stepped (
    .clk_i, .a_i(rest_q), .b_i(dual_step_i), .product_o(gap_stepped)
  );
  combine_stages #(
    .FirstWidth(DualWidth), .FirstAlign(DualDualAlign), .SecondWidth(GapSteppedWidth),
    .SecondAlign(DualGapAlign), .SumWidth(DualSumWidth), .Shift(DualShift), .TargetWidth(DualWidth)
  ) u_dual (
    .clk_i, .first_i(u_27), .second_i(gap_stepped), .value_o(dual)
  );

  delay #(.Width(StateWidth), .Depth(6)) u_decoded_30 (
    .clk_i, .data_i(decoded), .data_o(decoded_30)
  );
  combine_stages #(
    .FirstWidth(StateWidth), .FirstAlign(DifferenceStateAlign), .SecondWidth(DualWidth),
    .SecondAlign(DifferenceDualAlign), .Subtract(1'b1), .SumWidth(DifferenceSumWidth),
    .Shift(DifferenceShift), .TargetWidth(DifferenceWidth)
  ) u_difference (
    .clk_i, .first_i(decoded_30), .second_i(dual), .value_o(column_o.difference)
  );

  // What waits for the difference.
  assign front_2_o.estimate = front;
  delay #(.Width(FilteredWidth), .Depth(2)) u_filtered (
    .clk_i, .data_i(sum_i[FilteredWidth-1:0]), .data_o(front_2_o.filtered)
  );
  delay #(.Width(FrontWidth), .Depth(30)) u_x0 (.clk_i, .data_i(x0_q), .data_o(x0_o));
  delay #(.Width(ProductWidth), .Depth(30)) u_product (
    .clk_i, .data_i(product_q), .data_o(column_o.product)
  );
  delay #(.Width(StateWidth), .Depth(27)) u_estimate_o (
    .clk_i, .data_i(estimate), .data_o(column_o.estimate)
  );
  delay #(.Width(StateWidth), .Depth(9)) u_relaxed_o (
    .clk_i, .data_i(relaxed_24), .data_o(column_o.relaxed)
  );
  delay #(.Width(StateWidth), .Depth(18)) u_update_o (
    .clk_i, .data_i(update), .data_o(column_o.update)
  );
  delay #(.Width(StateWidth), .Depth(17)) u_state (
    .clk_i, .data_i(state_q), .data_o(column_o.state)
  );
  delay #(.Width(CodeWidth), .Depth(13)) u_code_o (.clk_i, .data_i(code), .data_o(column_o.code));
  delay #(.Width(StateWidth), .Depth(3)) u_decoded_o (
    .clk_i, .data_i(decoded_30), .data_o(column_o.decoded)
  );
  delay #(.Width(DualWidth), .Depth(3)) u_dual_o (.clk_i, .data_i(dual), .data_o(column_o.dual));
  delay #(.Width(SlicerBits), .Depth(16)) u_bits (.clk_i, .data_i(bits_q), .data_o(column_o.bits));
endmodule

`default_nettype wire
