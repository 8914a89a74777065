// SPDX-License-Identifier: Apache-2.0
// PGD's column function for the GroupColumns columns of a group:
//   u = sat(RS((x·Δ << x_align) − (η·g << g_align), shift)), Δ the step of the layer before;
//   v = prox(u);  x' = sat(RS(v·(1/Δ), shift)), Δ the step of this layer;  bits = slicer(v).
// Latency: 13 cycles (the first three read the constants). Golden model: fixedpoint/detectors/pgd.py.
`default_nettype none

module pgd_update #(
  parameter int unsigned GroupColumns = 1,
  parameter int unsigned LayerWidth   = 3,
  parameter int unsigned TagWidth     = 6,
  parameter int unsigned SideWidth    = 8,  // what travels along unchanged
  parameter bit          LogicProduct = 1'b0,  // Δ·x in logic, not in a multiplier
  parameter int unsigned MultiplierWidth = 18,  // of product
  localparam int unsigned CodeWidth = bitfold_pkg::CodeWidth,
  localparam int unsigned GradientWidth = bitfold_pkg::GradientWidth,
  localparam int unsigned StateWidth = bitfold_pkg::StateWidth,
  localparam int unsigned OutputWidth = bitfold_pkg::SlicerBits + CodeWidth + StateWidth,
  localparam int unsigned TraceWidth = bitfold_pkg::ColumnTraceWidth
) (
  input  wire logic                                  clk_i,
  input  wire logic                                  rst_ni,
  input  wire logic                                  valid_i,
  input  wire logic [SideWidth-1:0]                  side_i,
  input  wire logic [LayerWidth-1:0]                 layer_i,
  input  wire logic [TagWidth-1:0]                   index_i,
  input  wire logic [GroupColumns*GradientWidth-1:0] gradient_i,
  input  wire logic [GroupColumns*CodeWidth-1:0]     code_i,
  output logic                                       valid_o,
  output logic      [SideWidth-1:0]                  side_o,
  output logic      [LayerWidth-1:0]                 layer_o,
  output logic      [GroupColumns*CodeWidth-1:0]     code_o,     // for the next layer
  output logic      [GroupColumns*OutputWidth-1:0]   output_o,   // {bits, x', v}
  output logic      [GroupColumns*TraceWidth-1:0]    columns_o   // every wire of each: column_trace_t
);
  localparam int unsigned Latency = 13;
  localparam int unsigned ConstantDepth = 3;

  logic [Latency-1:0] valid_q;
  logic [LayerWidth-1:0] layer_2, layer_6, layer_7;
  logic [TagWidth-1:0] index_6;
  logic signed [bitfold_pkg::StepWidth-1:0] step;
  logic signed [bitfold_pkg::EtaWidth-1:0] eta;
  logic signed [StateWidth-1:0] threshold;
  logic signed [bitfold_pkg::InverseWidth-1:0] inverse;

  // Only the valid bit is reset; what travels with it need not be.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= '0;
    else valid_q <= {valid_q[Latency-2:0], valid_i};
  end
  assign valid_o = valid_q[Latency-1];

  delay #(.Width(SideWidth), .Depth(Latency)) u_side (
    .clk_i, .data_i(side_i), .data_o(side_o)
  );
  delay #(.Width(LayerWidth), .Depth(2)) u_layer_2 (
    .clk_i, .data_i(layer_i), .data_o(layer_2)
  );
  delay #(.Width(LayerWidth), .Depth(4)) u_layer_6 (
    .clk_i, .data_i(layer_2), .data_o(layer_6)
  );
  delay #(.Width(LayerWidth), .Depth(1)) u_layer_7 (
    .clk_i, .data_i(layer_6), .data_o(layer_7)
  );
  delay #(.Width(TagWidth), .Depth(6)) u_index_6 (
    .clk_i, .data_i(index_i), .data_o(index_6)
  );
  delay #(.Width(LayerWidth), .Depth(Latency - 7)) u_layer_out (
    .clk_i, .data_i(layer_7), .data_o(layer_o)
  );

  // Constants, each read so that it comes with the stage that uses it: 3 (Δ of the layer before, η), 8
  // (the threshold), 9 (1/Δ).
  pgd_bank #(
    .Width(bitfold_pkg::StepWidth), .File("pgd_step.mem"), .Before(1'b1), .LayerWidth(LayerWidth),
    .TagWidth(TagWidth)
  ) u_step (
    .clk_i, .layer_i, .index_i, .constant_o(step)
  );
  constant_rom #(
    .Width(bitfold_pkg::EtaWidth), .Depth(bitfold_pkg::Layers), .File("pgd_eta.mem")
  ) u_eta (
    .clk_i, .address_i(layer_2), .data_o(eta)
  );
  constant_rom #(
    .Width(StateWidth), .Depth(bitfold_pkg::Layers), .File("pgd_threshold.mem")
  ) u_threshold (
    .clk_i, .address_i(layer_7), .data_o(threshold)
  );
  pgd_bank #(
    .Width(bitfold_pkg::InverseWidth), .File("pgd_inverse.mem"), .LayerWidth(LayerWidth),
    .TagWidth(TagWidth)
  ) u_inverse (
    .clk_i, .layer_i(layer_6), .index_i(index_6), .constant_o(inverse)
  );

  for (genvar c = 0; c < GroupColumns; c++) begin : gen_column
    logic [CodeWidth-1:0] code;
    logic [GradientWidth-1:0] gradient;
    bitfold_pkg::column_trace_t column;

    delay #(.Width(CodeWidth + GradientWidth), .Depth(ConstantDepth)) u_operands (
      .clk_i,
      .data_i({code_i[c*CodeWidth +: CodeWidth], gradient_i[c*GradientWidth +: GradientWidth]}),
      .data_o({code, gradient})
    );

    pgd_update_lane #(
      .LogicProduct(LogicProduct), .MultiplierWidth(MultiplierWidth)
    ) u_lane (
      .clk_i, .code_i(code), .gradient_i(gradient), .step_i(step), .eta_i(eta),
      .threshold_i(threshold), .inverse_i(inverse), .column_o(column)
    );
    assign code_o[c*CodeWidth +: CodeWidth] = column.code;
    assign output_o[c*OutputWidth +: OutputWidth] = {column.bits, column.code, column.state};
    assign columns_o[c*TraceWidth +: TraceWidth] = column;
  end
endmodule

`default_nettype wire
