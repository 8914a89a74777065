// One column of PGD's column function, in seven stages:
//   2 Δ·x and η·g      3 (Δ·x << x_align) − (η·g << g_align)      4 u, requantized      5 v = prox(u)
//   6 v·(1/Δ) and the slicer's bits      7 x, requantized
// The constants arrive in the stage that uses them, the code and the gradient in stage 1.
// Latency: 6 cycles from stage 1. Golden model: fixedpoint/pgd.py, fixedpoint/slicer.py.
module pgd_update_lane (
  input  logic                                          clk_i,
  input  logic signed [bitfold_pkg::CodeWidth-1:0]      code_i,       // stage 1
  input  logic signed [bitfold_pkg::GradientWidth-1:0]  gradient_i,   // stage 1
  input  logic signed [bitfold_pkg::StepWidth-1:0]      step_i,       // stage 1
  input  logic signed [bitfold_pkg::EtaWidth-1:0]       eta_i,        // stage 1
  input  logic signed [bitfold_pkg::StateWidth-1:0]     threshold_i,  // stage 4
  input  logic signed [bitfold_pkg::InverseWidth-1:0]   inverse_i,    // stage 5
  output logic signed [bitfold_pkg::GradientWidth-1:0]  gradient_o,   // for the trace
  output logic signed [bitfold_pkg::StateWidth-1:0]     update_o,     // for the trace
  output logic signed [bitfold_pkg::StateWidth-1:0]     state_o,
  output logic signed [bitfold_pkg::CodeWidth-1:0]      code_o,
  output logic        [bitfold_pkg::SlicerBits-1:0]     bits_o
);
  localparam int unsigned GradientWidth = bitfold_pkg::GradientWidth;
  localparam int unsigned StateWidth = bitfold_pkg::StateWidth;
  localparam int unsigned XWidth = bitfold_pkg::CodeWidth + bitfold_pkg::StepWidth - 1;
  localparam int unsigned GWidth = bitfold_pkg::EtaWidth + GradientWidth - 1;
  localparam int unsigned UpdateWidth = bitfold_pkg::UpdateWidth;
  localparam int unsigned ProductWidth = bitfold_pkg::CodeProductWidth;

  logic signed [XWidth-1:0] x_scaled_q;
  logic signed [GWidth-1:0] g_scaled_q;
  logic signed [UpdateWidth-1:0] change_q;
  logic signed [StateWidth-1:0] update, update_q, state, state_q;
  logic signed [ProductWidth-1:0] product_q;
  logic signed [bitfold_pkg::CodeWidth-1:0] code;
  logic [bitfold_pkg::SlicerBits-1:0] bits, bits_q;

  // Stages 2 to 7, one register each; both shifts are exact.
  always_ff @(posedge clk_i) begin
    x_scaled_q <= XWidth'(code_i) * XWidth'(step_i);
    g_scaled_q <= GWidth'(gradient_i) * GWidth'(eta_i);
    change_q   <= (UpdateWidth'(x_scaled_q) <<< bitfold_pkg::XAlign)
      - (UpdateWidth'(g_scaled_q) <<< bitfold_pkg::GAlign);
    update_q   <= update;
    state_q    <= state;
    product_q  <= ProductWidth'(state_q) * ProductWidth'(inverse_i);
    bits_q     <= bits;
    code_o     <= code;
    bits_o     <= bits_q;
  end

  requantize #(
    .SourceWidth(UpdateWidth), .Shift(bitfold_pkg::UpdateShift), .TargetWidth(StateWidth)
  ) u_update (
    .value_i(change_q), .value_o(update)
  );

  if (bitfold_pkg::ProxBox) begin : gen_box
    box #(.Width(StateWidth)) u_prox (
      .update_i(update_q), .bound_i(threshold_i), .state_o(state)
    );
  end else begin : gen_soft
    soft_threshold #(.Width(StateWidth)) u_prox (
      .update_i(update_q), .threshold_i(threshold_i), .state_o(state)
    );
  end

  slicer #(
    .Width(StateWidth), .Bits(bitfold_pkg::SlicerBits), .Count(bitfold_pkg::SlicerCount),
    .Thresholds(bitfold_pkg::SlicerThresholds)
  ) u_slicer (
    .state_i(state_q), .bits_o(bits)
  );

  requantize #(
    .SourceWidth(ProductWidth), .Shift(bitfold_pkg::CodeShift),
    .TargetWidth(bitfold_pkg::CodeWidth)
  ) u_code (
    .value_i(product_q), .value_o(code)
  );

  delay #(.Width(StateWidth), .Depth(2)) u_state (
    .clk_i, .data_i(state_q), .data_o(state_o)
  );
  delay #(.Width(StateWidth), .Depth(3)) u_trace_update (
    .clk_i, .data_i(update_q), .data_o(update_o)
  );
  delay #(.Width(GradientWidth), .Depth(6)) u_trace_gradient (
    .clk_i, .data_i(gradient_i), .data_o(gradient_o)
  );
endmodule
