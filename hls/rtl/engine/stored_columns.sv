// SPDX-License-Identifier: Apache-2.0
// The functions of a detector of stored matrices, for the GroupColumns columns of a group: the one ahead of
// the layers in the first layer, whose sums are those of the first matrix, then a layer's. What the stage
// ahead has found is kept in the low FrontKeptWidth bits of a column's record; the first layer has no
// product of its own, and zeros in the rest of the record.
// Latency: FrontLatency cycles to front_*, ColumnLatency + 1 more.
`default_nettype none

module stored_columns
  import bitfold_pkg::*;
#(
  parameter int unsigned GroupColumns = 1,
  parameter int unsigned SumWidth     = 28,
  parameter int unsigned LayerWidth   = 3,
  parameter int unsigned SideWidth    = 8,  // what travels along unchanged
  parameter bit          Packed       = 1'b0
) (
  input  wire logic                                       clk_i,
  input  wire logic                                       rst_ni,
  input  wire logic                                       valid_i,
  input  wire logic [SideWidth-1:0]                       side_i,
  input  wire logic [LayerWidth-1:0]                      layer_i,
  input  wire logic [IndexWidth-1:0]                      index_i,  // of the block
  input  wire logic [GroupColumns*SumWidth-1:0]           sum_i,
  input  wire logic [GroupColumns*ColumnRecordWidth-1:0]  record_i,
  input  wire logic [GroupColumns*BroughtBits-1:0]        brought_i,  // by the block, a cycle later
  output logic                                            front_valid_o,  // for the trace, as the next two
  output logic      [SideWidth-1:0]                       front_side_o,
  output logic      [GroupColumns*FrontTraceWidth-1:0]    fronts_o,       // front_trace_t of each
  output logic                                            valid_o,
  output logic      [SideWidth-1:0]                       side_o,
  output logic      [LayerWidth-1:0]                      layer_o,
  output logic      [GroupColumns*ColumnKeptWidth-1:0]    kept_o,         // the next record
  output logic      [GroupColumns*ColumnResultWidth-1:0]  result_o,
  output logic      [GroupColumns*ColumnOutputWidth-1:0]  output_o,       // {bits, code, state}
  output logic      [GroupColumns*ColumnTraceWidth-1:0]   columns_o       // column_trace_t of each
);
  localparam int unsigned RestWidth = ColumnRecordWidth - FrontKeptWidth;

  logic front_valid, valid_q, first, unused_front_busy, unused_busy;
  logic [LayerWidth-1:0] front_layer, layer_q;
  logic [SideWidth-1:0] side_q;
  logic [IndexWidth-1:0] index;
  logic [GroupColumns*FrontSumWidth-1:0] front_sum;
  logic [GroupColumns*FrontKeptWidth-1:0] front_kept;
  logic [GroupColumns*ColumnSumWidth-1:0] sum_q;
  logic [GroupColumns*ColumnRecordWidth-1:0] record_q;
  logic [GroupColumns*BroughtBits-1:0] brought;

  front_function #(
    .Count(GroupColumns), .SideWidth(SideWidth), .Packed(Packed)
  ) u_front (
    .clk_i, .rst_ni, .valid_i, .side_i, .layer_i, .index_i, .sum_i(front_sum),
    .valid_o(front_valid), .busy_o(unused_front_busy), .side_o(front_side_o),
    .layer_o(front_layer), .kept_o(front_kept), .wires_o(fronts_o)
  );
  assign first = front_layer == '0;
  assign front_valid_o = front_valid && first;

  always_ff @(posedge clk_i) begin
    valid_q <= rst_ni && front_valid;
    layer_q <= front_layer;
    side_q  <= front_side_o;
  end
  delay #(.Width(IndexWidth), .Depth(FrontLatency + 1)) u_index (
    .clk_i, .data_i(index_i), .data_o(index)
  );

  delay #(.Width(GroupColumns * BroughtBits), .Depth(FrontLatency)) u_brought (
    .clk_i, .data_i(brought_i), .data_o(brought)
  );

  for (genvar c = 0; c < GroupColumns; c++) begin : gen_column
    logic [ColumnSumWidth-1:0] sum;
    logic [FrontKeptWidth-1:0] known;
    logic [RestWidth-1:0] rest;

    assign front_sum[c*FrontSumWidth +: FrontSumWidth] = sum_i[c*SumWidth +: FrontSumWidth];
    delay #(.Width(ColumnSumWidth), .Depth(FrontLatency)) u_sum (
      .clk_i, .data_i(sum_i[c*SumWidth +: ColumnSumWidth]), .data_o(sum)
    );
    delay #(.Width(ColumnRecordWidth), .Depth(FrontLatency)) u_record (
      .clk_i, .data_i(record_i[c*ColumnRecordWidth +: ColumnRecordWidth]), .data_o({rest, known})
    );

    always_ff @(posedge clk_i) begin
      sum_q[c*ColumnSumWidth +: ColumnSumWidth] <= first ? '0 : sum;
      record_q[c*ColumnRecordWidth +: ColumnRecordWidth] <=
        {rest, first ? front_kept[c*FrontKeptWidth +: FrontKeptWidth] : known};
    end
  end

  column_function #(
    .Count(GroupColumns), .SideWidth(SideWidth), .Packed(Packed)
  ) u_columns (
    .clk_i, .rst_ni, .valid_i(valid_q), .side_i(side_q), .layer_i(layer_q), .index_i(index),
    .sum_i(sum_q), .record_i(record_q), .brought_i(brought), .valid_o, .busy_o(unused_busy), .side_o, .layer_o,
    .result_o, .kept_o, .output_o, .wires_o(columns_o)
  );
endmodule

`default_nettype wire
