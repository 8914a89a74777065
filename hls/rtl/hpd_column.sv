// SPDX-License-Identifier: Apache-2.0
// HPD's column function for the GroupColumns columns of a group:
//   pull = ∇ψ(z), a table of the distance of z from the grid;
//   x_c = Π(sat(RS(z + κμ·g − μαγᵗ/C·pull))), Π onto ±the largest point of the grid. Eqs. (18) to (21).
// Latency: 7 cycles. Golden model: fixedpoint/detectors/hpd.py.
`default_nettype none

module hpd_column #(
  parameter int unsigned GroupColumns = 2,
  parameter int unsigned LayerWidth   = 3,
  parameter int unsigned ItemWidth    = 1,
  parameter int unsigned SideWidth    = 16,  // what travels along unchanged
  localparam int unsigned StateWidth = bitfold_pkg::StateWidth,
  localparam int unsigned GradientWidth = bitfold_pkg::GradientWidth,
  localparam int unsigned TraceWidth = bitfold_pkg::ColumnTraceWidth
) (
  input  wire logic                                  clk_i,
  input  wire logic                                  rst_ni,
  input  wire logic                                  write_i,     // θ, of which HPD has none
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
  localparam int unsigned Latency = 7;

  logic [Latency-1:0] valid_q;
  logic [LayerWidth-1:0] layer_2;
  logic [GroupColumns*GradientWidth-1:0] gradient;
  logic signed [bitfold_pkg::StepWidth-1:0] step;
  logic signed [bitfold_pkg::WeightWidth-1:0] weight;
  logic unused_theta;

  assign unused_theta = ^{write_i, write_bank_i, write_layer_i, write_item_i, write_data_i, bank_i};

  // Only the valid bits are reset; what travels with them need not be.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= '0;
    else valid_q <= {valid_q[Latency-2:0], valid_i};
  end
  assign valid_o = valid_q[Latency-1];

  // What valid_q will hold is not 0.
  always_ff @(posedge clk_i) busy_o <= rst_ni && (valid_i || valid_q[Latency-2:0] != '0);

  delay #(.Width(SideWidth + GroupColumns * GradientWidth), .Depth(Latency)) u_side (
    .clk_i, .data_i({side_i, gradient_i}), .data_o({side_o, gradient})
  );
  delay #(.Width(LayerWidth), .Depth(2)) u_layer (
    .clk_i, .data_i(layer_i), .data_o(layer_2)
  );

  // The layer's constants, each read a cycle before the stage that uses it.
  constant_rom #(
    .Width(bitfold_pkg::StepWidth), .Depth(bitfold_pkg::Layers), .File("hpd_step.mem")
  ) u_step (
    .clk_i, .address_i(layer_i), .data_o(step)
  );
  constant_rom #(
    .Width(bitfold_pkg::WeightWidth), .Depth(bitfold_pkg::Layers), .File("hpd_weight.mem")
  ) u_weight (
    .clk_i, .address_i(layer_2), .data_o(weight)
  );

  for (genvar c = 0; c < GroupColumns; c++) begin : gen_column
    bitfold_pkg::column_trace_t column;

    hpd_lane u_lane (
      .clk_i, .state_i(state_i[c*StateWidth +: StateWidth]),
      .gradient_i(gradient_i[c*GradientWidth +: GradientWidth]), .step_i(step), .weight_i(weight),
      .pull_o(column.pull), .estimate_o(column.estimate)
    );
    assign column.gradient = gradient[c*GradientWidth +: GradientWidth];
    assign estimate_o[c*StateWidth +: StateWidth] = column.estimate;
    assign columns_o[c*TraceWidth +: TraceWidth] = column;
  end
endmodule

`default_nettype wire
