// SPDX-License-Identifier: Apache-2.0
// ADMM-Net's column function for the GroupColumns columns of a group, from F·y in the first layer and
// P·d in the others, with the state record {u, z, x0} of the layer before:
//   x0 = sat(RS(F·y))      x = x0 + P·d      xr = z + rel·(x − z)      v = prox(xr + u)
//   c = v·(1/Δ)      z = c·Δ      u = u + un·(xr − z)      d = z − u;  bits = slicer(v)
// each requantized once. The first layer has P·d = z = u = 0.
// Latency: 33 cycles, front_* 2. Golden model: fixedpoint/detectors/admm.py.
`default_nettype none

module admm_update
  import bitfold_pkg::*;
#(
  parameter int unsigned GroupColumns = 1,
  parameter int unsigned SumWidth     = 28,
  parameter int unsigned LayerWidth   = 3,
  parameter int unsigned SideWidth    = 8,  // what travels along unchanged
  localparam int unsigned RecordWidth = DualWidth + StateWidth + FrontWidth,
  localparam int unsigned OutputWidth = SlicerBits + CodeWidth + StateWidth
) (
  input  wire logic                                    clk_i,
  input  wire logic                                    rst_ni,
  input  wire logic                                    valid_i,
  input  wire logic [SideWidth-1:0]                    side_i,
  input  wire logic [LayerWidth-1:0]                   layer_i,
  input  wire logic [IndexWidth-1:0]                   index_i,  // of the block
  input  wire logic [GroupColumns*SumWidth-1:0]        sum_i,
  input  wire logic [GroupColumns*RecordWidth-1:0]     record_i,
  output logic                                         front_valid_o,  // for the trace, as the next two
  output logic      [SideWidth-1:0]                    front_side_o,
  output logic      [GroupColumns*FrontTraceWidth-1:0] fronts_o,   // front_trace_t of each
  output logic                                         valid_o,
  output logic      [SideWidth-1:0]                    side_o,
  output logic      [LayerWidth-1:0]                   layer_o,
  output logic      [GroupColumns*RecordWidth-1:0]     record_o,
  output logic      [GroupColumns*DifferenceWidth-1:0] difference_o,
  output logic      [GroupColumns*OutputWidth-1:0]     output_o,   // {bits, c, v}
  output logic      [GroupColumns*ColumnTraceWidth-1:0] columns_o  // every wire of each: column_trace_t
);
  localparam int unsigned Latency = 33;

  // The stages at which a constant's address is read: a bank's three cycles, a memory's one before use.
  localparam int unsigned Front = 2, Relaxation = 6, Inverse = 13, Threshold = 14, Step = 17;
  localparam int unsigned DualStep = 24;

  logic [Latency:0] valid;
  logic [Latency:0][LayerWidth-1:0] layer;
  logic [Step:0][IndexWidth-1:0] index;
  logic signed [RelaxationWidth-1:0] relaxation;
  logic signed [StateWidth-1:0] threshold;
  logic signed [InverseWidth-1:0] inverse;
  logic signed [StepWidth-1:0] step;
  logic signed [DualStepWidth-1:0] dual_step;

  // Only the valid bit is reset; what travels with it need not be.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid[Latency:1] <= '0;
    else valid[Latency:1] <= valid[Latency-1:0];
    layer[Latency:1] <= layer[Latency-1:0];
    index[Step:1]    <= index[Step-1:0];
  end
  assign valid[0] = valid_i;
  assign layer[0] = layer_i;
  assign index[0] = index_i;
  assign valid_o  = valid[Latency];
  assign layer_o  = layer[Latency];

  delay #(.Width(SideWidth), .Depth(Front)) u_front_side (
    .clk_i, .data_i(side_i), .data_o(front_side_o)
  );
  delay #(.Width(SideWidth), .Depth(Latency - Front)) u_side (
    .clk_i, .data_i(front_side_o), .data_o(side_o)
  );
  assign front_valid_o = valid[Front] && layer[Front] == '0;

  constant_rom #(
    .Width(RelaxationWidth), .Depth(Layers), .File("admm_relaxation.mem")
  ) u_relaxation (
    .clk_i, .address_i(layer[Relaxation]), .data_o(relaxation)
  );
  constant_rom #(.Width(StateWidth), .Depth(Layers), .File("admm_threshold.mem")) u_threshold (
    .clk_i, .address_i(layer[Threshold]), .data_o(threshold)
  );
  pgd_bank #(
    .Width(InverseWidth), .File("admm_inverse.mem"), .LayerWidth(LayerWidth), .TagWidth(IndexWidth)
  ) u_inverse (
    .clk_i, .layer_i(layer[Inverse]), .index_i(index[Inverse]), .constant_o(inverse)
  );
  pgd_bank #(
    .Width(StepWidth), .File("admm_step.mem"), .LayerWidth(LayerWidth), .TagWidth(IndexWidth)
  ) u_step (
    .clk_i, .layer_i(layer[Step]), .index_i(index[Step]), .constant_o(step)
  );
  constant_rom #(.Width(DualStepWidth), .Depth(Layers), .File("admm_dual_step.mem")) u_dual_step (
    .clk_i, .address_i(layer[DualStep]), .data_o(dual_step)
  );

  for (genvar c = 0; c < GroupColumns; c++) begin : gen_column
    logic [DualWidth-1:0] u;
    logic [StateWidth-1:0] z;
    logic [FrontWidth-1:0] x0, next_x0;
    front_trace_t front;
    column_trace_t column;

    assign {u, z, x0} = record_i[c*RecordWidth +: RecordWidth];
    assign record_o[c*RecordWidth +: RecordWidth] = {column.dual, column.decoded, next_x0};
    assign fronts_o[c*FrontTraceWidth +: FrontTraceWidth] = front;
    assign difference_o[c*DifferenceWidth +: DifferenceWidth] = column.difference;
    assign output_o[c*OutputWidth +: OutputWidth] = {column.bits, column.code, column.state};
    assign columns_o[c*ColumnTraceWidth +: ColumnTraceWidth] = column;

    admm_lane #(.SumWidth(SumWidth)) u_lane (
      .clk_i, .sum_i(sum_i[c*SumWidth +: SumWidth]), .x0_i(x0), .z_i(z), .u_i(u),
      .first_2_i(layer[Front] == '0), .relaxation_i(relaxation), .threshold_i(threshold),
      .inverse_i(inverse), .step_i(step), .dual_step_i(dual_step),
      .front_2_o(front), .x0_o(next_x0), .column_o(column)
    );
  end
endmodule

`default_nettype wire
