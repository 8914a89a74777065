// SPDX-License-Identifier: Apache-2.0
// The row function of a distributed unit, for the RowsPerWord rows of a word: with q_low and q_up the
// thresholds around the row's code at the vector's SNR entry, in units of a = H·z,
//   residual = 1 - σ(a - q_up) - σ(a - q_low),   σ from a table;
// an open side takes no table: σ is 0 above the last threshold and 1 below the first one. Eq. (10).
// Latency: 6 cycles (thresholds, cell, differences, addresses, sigmoids, residual).
// Golden model: fixedpoint/detectors/units.py, rows.
`default_nettype none

module unit_rows #(
  parameter int unsigned RowsPerWord = 2,
  parameter int unsigned SideWidth   = 8,  // what travels along unchanged
  localparam int unsigned SumWidth = bitfold_pkg::AccumulatorWidth,
  localparam int unsigned CodeWidth = bitfold_pkg::CodeWidth,
  localparam int unsigned IndexWidth = bitfold_pkg::IndexWidth,
  localparam int unsigned ResultWidth = bitfold_pkg::ResidualWidth,
  localparam int unsigned TraceWidth = bitfold_pkg::RowTraceWidth
) (
  input  wire logic                               clk_i,
  input  wire logic                               rst_ni,
  input  wire logic                               valid_i,
  input  wire logic [SideWidth-1:0]               side_i,
  input  wire logic [IndexWidth-1:0]              index_i,
  input  wire logic [RowsPerWord*SumWidth-1:0]    accumulator_i,
  input  wire logic [RowsPerWord*CodeWidth-1:0]   code_i,
  output logic                                    valid_o,
  output logic      [SideWidth-1:0]               side_o,
  output logic      [RowsPerWord*ResultWidth-1:0] residual_o,
  output logic      [RowsPerWord*TraceWidth-1:0]  rows_o  // every wire of each: row_trace_t
);
  localparam int unsigned Latency = 6;
  localparam int unsigned Thresholds = (1 << CodeWidth) - 1;
  localparam int unsigned ThresholdWidth = bitfold_pkg::ThresholdWidth;
  localparam int unsigned DifferenceWidth = bitfold_pkg::DifferenceWidth;
  localparam int unsigned SigmoidWidth = bitfold_pkg::SigmoidWidth;

  logic [Latency-1:0] valid_q;
  logic [RowsPerWord*SumWidth-1:0] accumulator_out;
  logic [Thresholds*ThresholdWidth-1:0] thresholds;

  // Only the valid bit is reset; what travels with it need not be.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_q <= '0;
    else valid_q <= {valid_q[Latency-2:0], valid_i};
  end
  assign valid_o = valid_q[Latency-1];

  delay #(.Width(SideWidth + RowsPerWord * SumWidth), .Depth(Latency)) u_delay (
    .clk_i, .data_i({side_i, accumulator_i}), .data_o({side_o, accumulator_out})
  );

  // All thresholds of an SNR entry in one word, the first one lowest.
  constant_rom #(
    .Width(Thresholds * ThresholdWidth), .Depth(bitfold_pkg::BankEntries),
    .File("adc_threshold.mem")
  ) u_thresholds (
    .clk_i, .address_i(index_i), .data_o(thresholds)
  );

  for (genvar i = 0; i < RowsPerWord; i++) begin : gen_row
    logic [CodeWidth-1:0] code_1, code_5;
    logic signed [SumWidth-1:0] accumulator_1, accumulator_2;
    logic signed [ThresholdWidth-1:0] low, up, low_2, up_2;
    logic signed [DifferenceWidth-1:0] below_3, above_3;
    logic signed [SigmoidWidth-1:0] sigmoid_low, sigmoid_up;
    logic signed [ResultWidth-1:0] low_part, up_part;
    bitfold_pkg::row_trace_t row;

    // Code c lies between thresholds c - 1 and c; an open side's threshold has no effect.
    always_comb begin
      low = thresholds[0 +: ThresholdWidth];
      up  = thresholds[(Thresholds-1)*ThresholdWidth +: ThresholdWidth];
      for (int unsigned t = 0; t < Thresholds; t++) begin
        if (code_1 == CodeWidth'(t + 1)) low = thresholds[t*ThresholdWidth +: ThresholdWidth];
        if (code_1 == CodeWidth'(t)) up = thresholds[t*ThresholdWidth +: ThresholdWidth];
      end
    end

    // Stages 1 to 3; 4 and 5 are the tables'.
    always_ff @(posedge clk_i) begin
      code_1        <= code_i[i*CodeWidth +: CodeWidth];
      accumulator_1 <= accumulator_i[i*SumWidth +: SumWidth];
      accumulator_2 <= accumulator_1;
      low_2         <= low;
      up_2          <= up;
      below_3       <= DifferenceWidth'(accumulator_2)
        - (DifferenceWidth'(low_2) <<< bitfold_pkg::ThresholdAlign);
      above_3       <= DifferenceWidth'(accumulator_2)
        - (DifferenceWidth'(up_2) <<< bitfold_pkg::ThresholdAlign);
    end

    delay #(.Width(CodeWidth), .Depth(4)) u_code (
      .clk_i, .data_i(code_1), .data_o(code_5)
    );

    table_read #(
      .SourceWidth(DifferenceWidth), .Shift(bitfold_pkg::SigmoidShift),
      .AddressWidth(bitfold_pkg::SigmoidAddressWidth), .Width(SigmoidWidth), .File("sigmoid.mem")
    ) u_low (
      .clk_i, .value_i(below_3), .entry_o(sigmoid_low)
    );
    table_read #(
      .SourceWidth(DifferenceWidth), .Shift(bitfold_pkg::SigmoidShift),
      .AddressWidth(bitfold_pkg::SigmoidAddressWidth), .Width(SigmoidWidth), .File("sigmoid.mem")
    ) u_up (
      .clk_i, .value_i(above_3), .entry_o(sigmoid_up)
    );

    // The residual lies within ±1, as both sigmoids lie between 0 and 1.
    assign low_part = (code_5 == '0) ? ResultWidth'(bitfold_pkg::One) : ResultWidth'(sigmoid_low);
    assign up_part  = (code_5 == '1) ? '0 : ResultWidth'(sigmoid_up);
    always_ff @(posedge clk_i) begin
      residual_o[i*ResultWidth +: ResultWidth] <=
        ResultWidth'(bitfold_pkg::One) - up_part - low_part;
    end

    assign row.accumulator = accumulator_out[i*SumWidth +: SumWidth];
    assign row.residual = residual_o[i*ResultWidth +: ResultWidth];
    assign rows_o[i*TraceWidth +: TraceWidth] = row;
  end
endmodule

`default_nettype wire
