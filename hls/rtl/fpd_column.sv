// SPDX-License-Identifier: Apache-2.0
// FPD-Net's column function for the GroupColumns columns of a group, the chain b → p → d → x_c of
// eqs. (37) to (40), and the memories of θ behind its table port.
// Latency: 26 + 2·SlicerBits cycles: 5 to b, 7 + SlicerBits each to p and d, 7 to x_c.
// Golden model: fixedpoint/detectors/fpd.py.
`default_nettype none

module fpd_column #(
  parameter int unsigned GroupColumns = 2,
  parameter int unsigned LayerWidth   = 3,
  parameter int unsigned ItemWidth    = 7,
  parameter int unsigned SideWidth    = 16,  // what travels along unchanged
  localparam int unsigned StateWidth = bitfold_pkg::StateWidth,
  localparam int unsigned GradientWidth = bitfold_pkg::GradientWidth,
  localparam int unsigned QuarticWidth = bitfold_pkg::QuarticWidth,
  localparam int unsigned GaussianWidth = bitfold_pkg::GaussianWidth,
  localparam int unsigned TraceWidth = bitfold_pkg::ColumnTraceWidth
) (
  input  wire logic                                  clk_i,
  input  wire logic                                  rst_ni,
  input  wire logic                                  write_i,  // θ, see theta_port
  input  wire logic [1:0]                            write_bank_i,
  input  wire logic [LayerWidth-1:0]                 write_layer_i,
  input  wire logic [ItemWidth-1:0]                  write_item_i,
  input  wire logic [15:0]                           write_data_i,
  input  wire logic [1:0]                            bank_i,
  input  wire logic                                  valid_i,
  input  wire logic [SideWidth-1:0]                  side_i,
  input  wire logic [LayerWidth-1:0]                 layer_i,
  input  wire logic [GroupColumns*GradientWidth-1:0] gradient_i,
  input  wire logic [GroupColumns*StateWidth-1:0]    state_i,     // z
  output logic                                       valid_o,
  output logic                                       busy_o,
  output logic      [SideWidth-1:0]                  side_o,
  output logic      [GroupColumns*StateWidth-1:0]    estimate_o,
  output logic      [GroupColumns*TraceWidth-1:0]    columns_o    // every wire of each: column_trace_t
);
  localparam int unsigned Tree = bitfold_pkg::SlicerBits;  // levels of the sum over the grid
  localparam int unsigned BStage = 5;
  localparam int unsigned PStage = BStage + 7 + Tree;
  localparam int unsigned DStage = PStage + 7 + Tree;
  localparam int unsigned Latency = DStage + 7;

  logic [Latency-1:0] valid_q;
  logic [LayerWidth-1:0] layer_q[1:DStage+2];
  logic [GroupColumns*GradientWidth-1:0] gradient_late;
  logic signed [bitfold_pkg::StepWidth-1:0] step;
  logic signed [bitfold_pkg::QuarticScaleWidth-1:0] quartic_scale;
  logic signed [bitfold_pkg::QuarticStepWidth-1:0] quartic_step;
  logic signed [bitfold_pkg::GaussianScaleWidth-1:0] gaussian_scale;
  logic signed [bitfold_pkg::GaussianStepWidth-1:0] gaussian_step;
  logic signed [bitfold_pkg::CosineStepWidth-1:0] cosine_step;

  // Only the valid bits are reset; what travels with them need not be.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= '0;
    else valid_q <= {valid_q[Latency-2:0], valid_i};
  end
  assign valid_o = valid_q[Latency-1];

  // What valid_q will hold is not 0.
  always_ff @(posedge clk_i) busy_o <= rst_ni && (valid_i || valid_q[Latency-2:0] != '0);

  always_ff @(posedge clk_i) begin
    layer_q[1] <= layer_i;
    for (int unsigned i = 2; i <= DStage + 2; i++) layer_q[i] <= layer_q[i-1];
  end
  delay #(.Width(SideWidth + GroupColumns * GradientWidth), .Depth(Latency)) u_side (
    .clk_i, .data_i({side_i, gradient_i}), .data_o({side_o, gradient_late})
  );

  // Each scale is read a cycle before the stage that uses it.
  fpd_scale #(
    .Item(0), .Width(bitfold_pkg::StepWidth), .File("fpd_step.mem"), .ItemWidth(ItemWidth)
  ) u_step (
    .clk_i, .write_i, .write_bank_i, .write_layer_i, .write_item_i, .write_data_i, .bank_i,
    .layer_i(layer_i), .scale_o(step)
  );
  fpd_scale #(
    .Item(1), .Width(bitfold_pkg::QuarticScaleWidth), .File("fpd_quartic_scale.mem"),
    .ItemWidth(ItemWidth)
  ) u_quartic_scale (
    .clk_i, .write_i, .write_bank_i, .write_layer_i, .write_item_i, .write_data_i, .bank_i,
    .layer_i(layer_q[BStage-1]), .scale_o(quartic_scale)
  );
  fpd_scale #(
    .Item(2), .Width(bitfold_pkg::QuarticStepWidth), .File("fpd_quartic_step.mem"),
    .ItemWidth(ItemWidth)
  ) u_quartic_step (
    .clk_i, .write_i, .write_bank_i, .write_layer_i, .write_item_i, .write_data_i, .bank_i,
    .layer_i(layer_q[PStage-4]), .scale_o(quartic_step)
  );
  fpd_scale #(
    .Item(3), .Width(bitfold_pkg::GaussianScaleWidth), .File("fpd_gaussian_scale.mem"),
    .ItemWidth(ItemWidth)
  ) u_gaussian_scale (
    .clk_i, .write_i, .write_bank_i, .write_layer_i, .write_item_i, .write_data_i, .bank_i,
    .layer_i(layer_q[PStage-1]), .scale_o(gaussian_scale)
  );
  fpd_scale #(
    .Item(4), .Width(bitfold_pkg::GaussianStepWidth), .File("fpd_gaussian_step.mem"),
    .ItemWidth(ItemWidth)
  ) u_gaussian_step (
    .clk_i, .write_i, .write_bank_i, .write_layer_i, .write_item_i, .write_data_i, .bank_i,
    .layer_i(layer_q[DStage-4]), .scale_o(gaussian_step)
  );
  fpd_scale #(
    .Item(5), .Width(bitfold_pkg::CosineStepWidth), .File("fpd_cosine_step.mem"),
    .ItemWidth(ItemWidth)
  ) u_cosine_step (
    .clk_i, .write_i, .write_bank_i, .write_layer_i, .write_item_i, .write_data_i, .bank_i,
    .layer_i(layer_q[DStage+2]), .scale_o(cosine_step)
  );

  for (genvar c = 0; c < GroupColumns; c++) begin : gen_column
    logic signed [StateWidth-1:0] b, p, d;
    logic [QuarticWidth-1:0] quartic;
    logic [GaussianWidth-1:0] gaussian;
    bitfold_pkg::column_trace_t column;

    fpd_descent u_descent (
      .clk_i, .gradient_i(gradient_i[c*GradientWidth +: GradientWidth]),
      .state_i(state_i[c*StateWidth +: StateWidth]), .step_i(step), .b_o(b)
    );

    fpd_penalty #(
      .ScaleWidth(bitfold_pkg::QuarticScaleWidth), .StepWidth(bitfold_pkg::QuarticStepWidth),
      .ArgumentWidth(bitfold_pkg::QuarticArgumentWidth), .TableShift(bitfold_pkg::QuarticShift),
      .AddressWidth(bitfold_pkg::QuarticAddressWidth),
      .TableWidth(bitfold_pkg::QuarticTableWidth), .File("fpd_quartic.mem"),
      .SumWidth(QuarticWidth), .ScaledWidth(bitfold_pkg::QuarticScaledWidth),
      .XAlign(bitfold_pkg::QuarticXAlign), .ScaledAlign(bitfold_pkg::QuarticScaledAlign),
      .ChangeWidth(bitfold_pkg::QuarticChangeWidth), .UpdateShift(bitfold_pkg::QuarticUpdateShift)
    ) u_quartic (
      .clk_i, .x_i(b), .scale_i(quartic_scale), .step_i(quartic_step), .sum_o(quartic), .x_o(p)
    );

    fpd_penalty #(
      .ScaleWidth(bitfold_pkg::GaussianScaleWidth), .StepWidth(bitfold_pkg::GaussianStepWidth),
      .ArgumentWidth(bitfold_pkg::GaussianArgumentWidth), .TableShift(bitfold_pkg::GaussianShift),
      .AddressWidth(bitfold_pkg::GaussianAddressWidth),
      .TableWidth(bitfold_pkg::GaussianTableWidth), .File("fpd_gaussian.mem"),
      .SumWidth(GaussianWidth), .ScaledWidth(bitfold_pkg::GaussianScaledWidth),
      .XAlign(bitfold_pkg::GaussianXAlign), .ScaledAlign(bitfold_pkg::GaussianScaledAlign),
      .ChangeWidth(bitfold_pkg::GaussianChangeWidth),
      .UpdateShift(bitfold_pkg::GaussianUpdateShift)
    ) u_gaussian (
      .clk_i, .x_i(p), .scale_i(gaussian_scale), .step_i(gaussian_step), .sum_o(gaussian), .x_o(d)
    );

    fpd_cosine #(.ItemWidth(ItemWidth)) u_cosine (
      .clk_i, .write_i, .write_bank_i, .write_layer_i, .write_item_i, .write_data_i, .bank_i,
      .d_i(d), .layer_i(layer_q[DStage+2]), .step_i(cosine_step),
      .cosine_o(column.cosine), .estimate_o(column.estimate)
    );
    assign column.gradient = gradient_late[c*GradientWidth +: GradientWidth];
    assign estimate_o[c*StateWidth +: StateWidth] = column.estimate;
    assign columns_o[c*TraceWidth +: TraceWidth] = column;

    delay #(.Width(StateWidth), .Depth(Latency - BStage)) u_trace_b (
      .clk_i, .data_i(b), .data_o(column.b)
    );
    delay #(.Width(QuarticWidth + StateWidth), .Depth(Latency - PStage)) u_trace_p (
      .clk_i, .data_i({quartic, p}), .data_o({column.quartic, column.p})
    );
    delay #(.Width(GaussianWidth + StateWidth), .Depth(Latency - DStage)) u_trace_d (
      .clk_i, .data_i({gaussian, d}), .data_o({column.gaussian, column.d})
    );
  end
endmodule

`default_nettype wire
