// SPDX-License-Identifier: Apache-2.0
// The rows of a word of a distributed unit: the thresholds q_low and q_up around each row's code at the
// vector's SNR entry, then the row function of a = H·z, q_low, q_up and the code. An open side repeats the
// code's other threshold or takes the outermost one; the row function has no use for it.
// Latency: RowLatency + 2 cycles (thresholds, cell). Golden model: fixedpoint/detectors/units.py, rows.
`default_nettype none

module unit_rows #(
  parameter int unsigned RowsPerWord = 2,
  parameter int unsigned LayerWidth  = 3,
  parameter int unsigned SideWidth   = 8,  // what travels along unchanged
  parameter bit          Packed      = 1'b0,
  localparam int unsigned SumWidth = bitfold_pkg::RowSumWidth,
  localparam int unsigned CodeWidth = bitfold_pkg::YWidth,
  localparam int unsigned IndexWidth = bitfold_pkg::IndexWidth,
  localparam int unsigned ResultWidth = bitfold_pkg::RowResultWidth,
  localparam int unsigned TraceWidth = bitfold_pkg::RowTraceWidth
) (
  input  wire logic                               clk_i,
  input  wire logic                               rst_ni,
  input  wire logic                               valid_i,
  input  wire logic [SideWidth-1:0]               side_i,
  input  wire logic [LayerWidth-1:0]              layer_i,
  input  wire logic [IndexWidth-1:0]              index_i,
  input  wire logic [RowsPerWord*SumWidth-1:0]    sum_i,
  input  wire logic [RowsPerWord*CodeWidth-1:0]   code_i,
  output logic                                    valid_o,
  output logic      [SideWidth-1:0]               side_o,
  output logic      [LayerWidth-1:0]              layer_o,
  output logic      [RowsPerWord*ResultWidth-1:0] result_o,
  output logic      [RowsPerWord*TraceWidth-1:0]  rows_o  // every wire of each: row_trace_t
);
  localparam int unsigned Cell = 2;  // stages to a row's thresholds
  localparam int unsigned Thresholds = (1 << CodeWidth) - 1;
  localparam int unsigned RecordWidth = bitfold_pkg::RowRecordWidth;
  localparam int unsigned ThresholdWidth = (RecordWidth - CodeWidth - 1) / 2;

  if (RecordWidth != CodeWidth + 1 + 2 * ThresholdWidth) begin : gen_bad_record
    $error("unit_rows: a row's record is the code and the two thresholds around it");
  end

  logic [Cell-1:0] valid_q;
  logic [SideWidth-1:0] side;
  logic [LayerWidth-1:0] layer;
  logic [IndexWidth-1:0] index;
  logic [Thresholds*ThresholdWidth-1:0] thresholds;
  logic [RowsPerWord*SumWidth-1:0] sum;
  logic [RowsPerWord*RecordWidth-1:0] record_q;
  logic unused_busy;

  // Only the valid bits are reset; what travels with them need not be.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= '0;
    else valid_q <= {valid_q[Cell-2:0], valid_i};
  end

  delay #(
    .Width(SideWidth + LayerWidth + IndexWidth + RowsPerWord * SumWidth), .Depth(Cell)
  ) u_delay (
    .clk_i, .data_i({side_i, layer_i, index_i, sum_i}), .data_o({side, layer, index, sum})
  );

  // All thresholds of an SNR entry in one word, the first one lowest.
  constant_rom #(
    .Width(Thresholds * ThresholdWidth), .Depth(bitfold_pkg::BankEntries),
    .File("adc_threshold.mem")
  ) u_thresholds (
    .clk_i, .address_i(index_i), .data_o(thresholds)
  );

  for (genvar i = 0; i < RowsPerWord; i++) begin : gen_row
    logic [CodeWidth-1:0] code_q;
    logic [ThresholdWidth-1:0] low, up;

    // Code c lies between thresholds c - 1 and c; an open side's threshold has no effect.
    always_comb begin
      low = thresholds[0 +: ThresholdWidth];
      up  = thresholds[(Thresholds-1)*ThresholdWidth +: ThresholdWidth];
      for (int unsigned t = 0; t < Thresholds; t++) begin
        if (code_q == CodeWidth'(t + 1)) low = thresholds[t*ThresholdWidth +: ThresholdWidth];
        if (code_q == CodeWidth'(t)) up = thresholds[t*ThresholdWidth +: ThresholdWidth];
      end
    end

    always_ff @(posedge clk_i) begin
      code_q <= code_i[i*CodeWidth +: CodeWidth];
      record_q[i*RecordWidth +: RecordWidth] <= {1'b0, code_q, up, low};
    end
  end

  row_function #(
    .Count(RowsPerWord), .SideWidth(SideWidth), .Packed(Packed)
  ) u_rows (
    .clk_i, .rst_ni, .valid_i(valid_q[Cell-1]), .side_i(side), .layer_i(layer), .index_i(index),
    .sum_i(sum), .record_i(record_q), .valid_o, .busy_o(unused_busy), .side_o, .layer_o, .result_o,
    .wires_o(rows_o)
  );
endmodule

`default_nettype wire
