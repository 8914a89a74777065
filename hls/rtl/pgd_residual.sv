// SPDX-License-Identifier: Apache-2.0
// PGD's row function: r = sat(RS(acc·Δ − (y << y_align), shift)), Δ the step of the layer before
// (acc = 0 in the first layer), for the RowsPerWord rows of a word.
// Latency: 8 cycles (3 for the constant, 2 for the product, difference, 2 for the requantizer).
// Golden model: fixedpoint/detectors/pgd.py.
`default_nettype none

module pgd_residual #(
  parameter int unsigned RowsPerWord = 1,
  parameter int unsigned SlotWidth   = 2,
  parameter int unsigned LayerWidth  = 3,
  parameter int unsigned WordWidth   = 5,
  parameter int unsigned TagWidth    = 6,
  parameter int unsigned MultiplierWidth = 18,  // of product
  localparam int unsigned SumWidth = bitfold_pkg::AccumulatorWidth,
  localparam int unsigned YWidth = bitfold_pkg::YWidth,
  localparam int unsigned ResultWidth = bitfold_pkg::ResidualWidth,
  localparam int unsigned TraceWidth = bitfold_pkg::RowTraceWidth
) (
  input  wire logic                               clk_i,
  input  wire logic                               rst_ni,
  input  wire logic                               valid_i,
  input  wire logic [SlotWidth-1:0]               slot_i,
  input  wire logic [LayerWidth-1:0]              layer_i,
  input  wire logic [WordWidth-1:0]               word_i,
  input  wire logic [TagWidth-1:0]                index_i,
  input  wire logic [RowsPerWord*SumWidth-1:0]    accumulator_i,
  input  wire logic [RowsPerWord*YWidth-1:0]      y_i,
  output logic                                    valid_o,
  output logic      [SlotWidth-1:0]               slot_o,
  output logic      [WordWidth-1:0]               word_o,
  output logic      [RowsPerWord*ResultWidth-1:0] residual_o,
  output logic      [LayerWidth-1:0]              layer_o,        // these two for the trace
  output logic      [RowsPerWord*TraceWidth-1:0]  rows_o          // every wire of each: row_trace_t
);
  localparam int unsigned Latency = 8;
  localparam int unsigned ConstantDepth = 3;
  localparam int unsigned ProductDepth = 2;
  localparam int unsigned ScaledWidth = bitfold_pkg::ScaledWidth;
  localparam int unsigned ErrorWidth = bitfold_pkg::ErrorWidth;

  logic [Latency-1:0] valid_q;
  logic [RowsPerWord*SumWidth-1:0] accumulator_out;
  logic signed [bitfold_pkg::StepWidth-1:0] step;

  pgd_bank #(
    .Width(bitfold_pkg::StepWidth), .File("pgd_step.mem"), .Before(1'b1), .LayerWidth(LayerWidth),
    .TagWidth(TagWidth)
  ) u_step (
    .clk_i, .layer_i, .index_i, .constant_o(step)
  );

  // Only the valid bit is reset; what travels with it need not be.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= '0;
    else valid_q <= {valid_q[Latency-2:0], valid_i};
  end
  assign valid_o = valid_q[Latency-1];

  delay #(.Width(SlotWidth + WordWidth + LayerWidth), .Depth(Latency)) u_delay (
    .clk_i, .data_i({slot_i, word_i, layer_i}), .data_o({slot_o, word_o, layer_o})
  );
  delay #(.Width(RowsPerWord * SumWidth), .Depth(Latency)) u_trace (
    .clk_i, .data_i(accumulator_i), .data_o(accumulator_out)
  );

  for (genvar i = 0; i < RowsPerWord; i++) begin : gen_row
    logic signed [SumWidth-1:0] accumulator;
    logic signed [YWidth-1:0] y;
    logic signed [ScaledWidth-1:0] scaled;
    logic signed [ErrorWidth-1:0] error_q;
    bitfold_pkg::row_trace_t row;

    delay #(.Width(SumWidth), .Depth(ConstantDepth)) u_accumulator (
      .clk_i, .data_i(accumulator_i[i*SumWidth +: SumWidth]), .data_o(accumulator)
    );
    delay #(.Width(YWidth), .Depth(ConstantDepth + ProductDepth)) u_y (
      .clk_i, .data_i(y_i[i*YWidth +: YWidth]), .data_o(y)
    );

    product #(
      .AWidth(SumWidth), .BWidth(bitfold_pkg::StepWidth), .ProductWidth(ScaledWidth),
      .MultiplierWidth(MultiplierWidth)
    ) u_scaled (
      .clk_i, .a_i(accumulator), .b_i(step), .product_o(scaled)
    );

    // One rounding: the exact product and the aligned y are subtracted first.
    always_ff @(posedge clk_i) begin
      error_q <= ErrorWidth'(scaled) - (ErrorWidth'(y) <<< bitfold_pkg::YAlign);
    end

    requantize_stages #(
      .SourceWidth(ErrorWidth), .Shift(bitfold_pkg::ResidualShift), .TargetWidth(ResultWidth)
    ) u_requantize (
      .clk_i, .value_i(error_q), .value_o(residual_o[i*ResultWidth +: ResultWidth])
    );

    assign row.accumulator = accumulator_out[i*SumWidth +: SumWidth];
    assign row.residual = residual_o[i*ResultWidth +: ResultWidth];
    assign rows_o[i*TraceWidth +: TraceWidth] = row;
  end
endmodule

`default_nettype wire
