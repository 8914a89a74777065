// The gradient step of FPD-Net, eq. (37): b = sat(RS(z + κμ₁·g)).
// Latency: 4 cycles (operands, κμ₁·g, 2 of the combination); step_i comes a cycle after the operands.
// Golden model: fixedpoint/fpd.py.
module fpd_descent (
  input  logic                                         clk_i,
  input  logic signed [bitfold_pkg::GradientWidth-1:0] gradient_i,
  input  logic signed [bitfold_pkg::StateWidth-1:0]    state_i,
  input  logic signed [bitfold_pkg::StepWidth-1:0]     step_i,
  output logic signed [bitfold_pkg::StateWidth-1:0]    b_o
);
  localparam int unsigned StateWidth = bitfold_pkg::StateWidth;
  localparam int unsigned ScaledWidth = bitfold_pkg::GScaledWidth;

  logic signed [bitfold_pkg::GradientWidth-1:0] gradient_q;
  logic signed [StateWidth-1:0] state_q, state_qq;
  logic signed [ScaledWidth-1:0] scaled_q;

  always_ff @(posedge clk_i) begin
    gradient_q <= gradient_i;
    state_q    <= state_i;
    scaled_q   <= ScaledWidth'(gradient_q) * ScaledWidth'(step_i);
    state_qq   <= state_q;
  end

  combine #(
    .FirstWidth(StateWidth), .FirstAlign(bitfold_pkg::DescentZAlign), .SecondWidth(ScaledWidth),
    .SecondAlign(bitfold_pkg::DescentGAlign), .SumWidth(bitfold_pkg::DescentWidth),
    .Shift(bitfold_pkg::DescentShift), .TargetWidth(StateWidth)
  ) u_b (
    .clk_i, .first_i(state_qq), .second_i(scaled_q), .value_o(b_o)
  );
endmodule
