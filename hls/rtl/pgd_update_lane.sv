// SPDX-License-Identifier: Apache-2.0
// One column of PGD's column function, in stages counted from pgd_update's input:
//   5 Δ·x and η·g      6 (Δ·x << x_align) − (η·g << g_align)      8 u, requantized      9 v = prox(u)
//   11 v·(1/Δ)      13 x, requantized; the slicer's bits, decided in 10, wait for it
// The constants arrive in the stage that uses them, the code and the gradient in stage 3.
// Latency: 10 cycles from stage 3. Golden model: fixedpoint/detectors/pgd.py, fixedpoint/slicer.py.
`default_nettype none

module pgd_update_lane #(
  parameter bit          LogicProduct    = 1'b0,  // Δ·x in logic, not in a multiplier
  parameter int unsigned MultiplierWidth = 18     // of product
) (
  input  wire logic                                          clk_i,
  input  wire logic signed [bitfold_pkg::CodeWidth-1:0]      code_i,       // stage 3
  input  wire logic signed [bitfold_pkg::GradientWidth-1:0]  gradient_i,   // stage 3
  input  wire logic signed [bitfold_pkg::StepWidth-1:0]      step_i,       // stage 3
  input  wire logic signed [bitfold_pkg::EtaWidth-1:0]       eta_i,        // stage 3
  input  wire logic signed [bitfold_pkg::StateWidth-1:0]     threshold_i,  // stage 8
  input  wire logic signed [bitfold_pkg::InverseWidth-1:0]   inverse_i,    // stage 9
  output bitfold_pkg::column_trace_t                         column_o
);
  localparam int unsigned GradientWidth = bitfold_pkg::GradientWidth;
  localparam int unsigned StateWidth = bitfold_pkg::StateWidth;
  localparam int unsigned XWidth = bitfold_pkg::CodeWidth + bitfold_pkg::StepWidth - 1;
  localparam int unsigned GWidth = bitfold_pkg::EtaWidth + GradientWidth - 1;
  localparam int unsigned UpdateWidth = bitfold_pkg::UpdateWidth;
  localparam int unsigned ProductWidth = bitfold_pkg::CodeProductWidth;

  logic signed [XWidth-1:0] x_scaled;
  logic signed [GWidth-1:0] g_scaled;
  logic signed [UpdateWidth-1:0] change_q;
  logic signed [StateWidth-1:0] update, state, state_q;
  logic signed [ProductWidth-1:0] code_scaled;
  logic [bitfold_pkg::SlicerBits-1:0] bits, bits_q;

  if (LogicProduct) begin : gen_logic
    logic_product #(
      .FirstWidth(bitfold_pkg::CodeWidth), .SecondWidth(bitfold_pkg::StepWidth)
    ) u_x_scaled (
      .clk_i, .first_i(code_i), .second_i(step_i), .product_o(x_scaled)
    );
  end else begin : gen_multiplier
    product #(
      .AWidth(bitfold_pkg::CodeWidth), .BWidth(bitfold_pkg::StepWidth), .ProductWidth(XWidth)
    ) u_x_scaled (
      .clk_i, .a_i(code_i), .b_i(step_i), .product_o(x_scaled)
    );
  end
  product #(
    .AWidth(GradientWidth), .BWidth(bitfold_pkg::EtaWidth), .ProductWidth(GWidth),
    .MultiplierWidth(MultiplierWidth)
  ) u_g_scaled (
    .clk_i, .a_i(gradient_i), .b_i(eta_i), .product_o(g_scaled)
  );

  // One rounding: both shifts are exact.
  always_ff @(posedge clk_i) begin
    change_q <= (UpdateWidth'(x_scaled) <<< bitfold_pkg::XAlign)
      - (UpdateWidth'(g_scaled) <<< bitfold_pkg::GAlign);
    state_q  <= state;
    bits_q   <= bits;
  end

  requantize_stages #(
    .SourceWidth(UpdateWidth), .Shift(bitfold_pkg::UpdateShift), .TargetWidth(StateWidth)
  ) u_update (
    .clk_i, .value_i(change_q), .value_o(update)
  );

  if (bitfold_pkg::ProxBox) begin : gen_box
    box #(.Width(StateWidth)) u_prox (
      .update_i(update), .bound_i(threshold_i), .state_o(state)
    );
  end else begin : gen_soft
    soft_threshold #(.Width(StateWidth)) u_prox (
      .update_i(update), .threshold_i(threshold_i), .state_o(state)
    );
  end

  slicer #(
    .Width(StateWidth), .Bits(bitfold_pkg::SlicerBits), .Count(bitfold_pkg::SlicerCount),
    .Thresholds(bitfold_pkg::SlicerThresholds)
  ) u_slicer (
    .state_i(state_q), .bits_o(bits)
  );

  product #(
    .AWidth(StateWidth), .BWidth(bitfold_pkg::InverseWidth), .ProductWidth(ProductWidth),
    .MultiplierWidth(MultiplierWidth)
  ) u_code_scaled (
    .clk_i, .a_i(state_q), .b_i(inverse_i), .product_o(code_scaled)
  );

  requantize_stages #(
    .SourceWidth(ProductWidth), .Shift(bitfold_pkg::CodeShift),
    .TargetWidth(bitfold_pkg::CodeWidth)
  ) u_code (
    .clk_i, .value_i(code_scaled), .value_o(column_o.code)
  );

  delay #(.Width(bitfold_pkg::SlicerBits), .Depth(3)) u_bits (
    .clk_i, .data_i(bits_q), .data_o(column_o.bits)
  );
  delay #(.Width(StateWidth), .Depth(4)) u_state (
    .clk_i, .data_i(state_q), .data_o(column_o.state)
  );
  delay #(.Width(StateWidth), .Depth(5)) u_trace_update (
    .clk_i, .data_i(update), .data_o(column_o.update)
  );
  delay #(.Width(GradientWidth), .Depth(10)) u_trace_gradient (
    .clk_i, .data_i(gradient_i), .data_o(column_o.gradient)
  );
endmodule

`default_nettype wire
