// SPDX-License-Identifier: Apache-2.0
// A distributed unit: the engine over the unit's rows, the row function, the spec's column function
// (column_function), its ends of the fronthaul, AXI4-Stream on all sides. docs/rtl.md describes the streams;
// all sizes and constants come from bitfold_pkg and the .mem files of one spec. Where no constant is
// written at run time (ThetaItems = 0), no beat of θ is ever taken.
// Latency: see docs/rtl.md. Golden model: fixedpoint/detectors/units.py. Ports trace_* show every wire of
// every layer to a simulation; left open they cost nothing.
`default_nettype none

module unit_top #(
  parameter int unsigned Lanes      = 32,  // products a cycle: 1, 2, … rows of H, of each vector
  parameter int unsigned Vectors    = 1,   // of a slot; 2 share each multiplier
  parameter int unsigned Slots      = 8,   // in flight, the one being loaded included
  parameter int unsigned HBeatBytes = 8,
  parameter int unsigned CountWidth = 16,
  parameter int unsigned BlockWidth = 16,  // of a block's number
  // Legal sizes in place of those that stop elaboration below.
  localparam int unsigned VectorCount = (Vectors > 0) ? Vectors : 1,
  localparam int unsigned LaneCount = (Lanes > 0)
    ? Lanes : VectorCount * bitfold_pkg::UnitRows * bitfold_pkg::Columns,
  localparam int unsigned SlotCount = (Slots > 0) ? Slots : 1,
  localparam int unsigned BeatBytes = (HBeatBytes > 0) ? HBeatBytes : (bitfold_pkg::HWidth + 7) / 8,
  localparam int unsigned CountBits = (CountWidth > 0) ? CountWidth : 1,
  localparam int unsigned BlockBits = (BlockWidth > 3) ? BlockWidth : 4,
  localparam int unsigned UnitRows = bitfold_pkg::UnitRows,
  localparam int unsigned Columns = bitfold_pkg::Columns,
  localparam int unsigned Layers = bitfold_pkg::Layers,
  localparam int unsigned RowsPerWord = (LaneCount > VectorCount * Columns)
    ? LaneCount / (VectorCount * Columns) : 1,
  localparam int unsigned Words = (UnitRows + RowsPerWord - 1) / RowsPerWord,
  localparam int unsigned RowElements = VectorCount * RowsPerWord,
  localparam int unsigned GroupColumns = (RowsPerWord < Columns) ? RowsPerWord : Columns,
  localparam int unsigned Groups = (Columns + GroupColumns - 1) / GroupColumns,
  localparam int unsigned ColumnElements = VectorCount * GroupColumns,
  localparam int unsigned SlotWidth = (SlotCount > 1) ? $clog2(SlotCount) : 1,
  localparam int unsigned FrameWidth = (VectorCount * SlotCount > 1) ? $clog2(VectorCount * SlotCount) : 1,
  localparam int unsigned LayerWidth = (Layers > 1) ? $clog2(Layers) : 1,
  localparam int unsigned WordWidth = (Words > 1) ? $clog2(Words) : 1,
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1,
  localparam int unsigned IndexWidth = bitfold_pkg::IndexWidth,
  localparam int unsigned PlaceWidth = LayerWidth + FrameWidth,
  localparam int unsigned UserWidth = 1 + BlockBits + IndexWidth + PlaceWidth,
  localparam int unsigned StateWidth = bitfold_pkg::StateWidth,
  localparam int unsigned MessageWidth = 8 * ((GroupColumns * StateWidth + 7) / 8)
) (
  input  wire logic                                                 aclk,
  input  wire logic                                                 aresetn,
  input  wire logic [8*BeatBytes-1:0]                               s_axis_h_tdata,
  input  wire logic                                                 s_axis_h_tvalid,
  output logic                                                      s_axis_h_tready,
  input  wire logic                                                 s_axis_h_tlast,
  input  wire logic [BlockBits-1:0]                                 s_axis_h_tuser,
  input  wire logic [7:0]                                           s_axis_y_tdata,
  input  wire logic                                                 s_axis_y_tvalid,
  output logic                                                      s_axis_y_tready,
  input  wire logic                                                 s_axis_y_tlast,
  input  wire logic [BlockBits+IndexWidth-1:0]                      s_axis_y_tuser,
  input  wire logic [15:0]                                          s_axis_theta_tdata,
  input  wire logic                                                 s_axis_theta_tvalid,
  output logic                                                      s_axis_theta_tready,
  input  wire logic                                                 s_axis_theta_tlast,
  output logic      [MessageWidth-1:0]                              m_axis_up_tdata,
  output logic                                                      m_axis_up_tvalid,
  input  wire logic                                                 m_axis_up_tready,
  output logic                                                      m_axis_up_tlast,
  output logic      [UserWidth-1:0]                                 m_axis_up_tuser,
  input  wire logic [MessageWidth-1:0]                              s_axis_down_tdata,
  input  wire logic                                                 s_axis_down_tvalid,
  output logic                                                      s_axis_down_tready,
  input  wire logic                                                 s_axis_down_tlast,
  input  wire logic [FrameWidth-1:0]                                s_axis_down_tuser,
  output logic                                                      busy,
  output logic                                                      h_frame_error,
  output logic      [CountBits-1:0]                                 h_frame_errors,
  output logic                                                      y_frame_error,
  output logic      [CountBits-1:0]                                 y_frame_errors,
  output logic      [VectorCount-1:0]                               y_block_error,
  output logic      [CountBits-1:0]                                 y_block_errors,
  output logic                                                      theta_frame_error,
  output logic      [CountBits-1:0]                                 theta_frame_errors,
  output logic                                                      down_frame_error,
  output logic      [CountBits-1:0]                                 down_frame_errors,
  output logic      [255:0]                                         spec_digest,
  output logic      [255:0]                                         graph_digest,
  output logic      [VectorCount-1:0]                               trace_row_valid,
  output logic      [SlotWidth-1:0]                                 trace_row_slot,
  output logic      [LayerWidth-1:0]                                trace_row_layer,
  output logic      [WordWidth-1:0]                                 trace_row_word,
  output logic      [RowElements*bitfold_pkg::RowTraceWidth-1:0]    trace_row_data,
  output logic      [VectorCount-1:0]                               trace_column_valid,
  output logic      [SlotWidth-1:0]                                 trace_column_slot,
  output logic      [LayerWidth-1:0]                                trace_column_layer,
  output logic      [GroupWidth-1:0]                                trace_column_group,
  output logic      [ColumnElements*bitfold_pkg::ColumnTraceWidth-1:0] trace_column_data
);

  if (Lanes < 1 || Vectors < 1 || Slots < 1 || HBeatBytes < 1 || CountWidth < 1
      || BlockWidth < 4) begin : gen_bad_size
    $error("unit_top: Lanes, Vectors, Slots, HBeatBytes, CountWidth must be at least 1, BlockWidth 4");
  end

  localparam int unsigned Items = bitfold_pkg::ThetaItems;
  localparam int unsigned ItemWidth = (Items > 1) ? $clog2(Items) : 1;

  logic h_ready, y_ready, up_valid, theta_ready;
  logic [VectorCount-1:0] column_valid, column_busy;
  logic [SlotWidth-1:0] column_slot;
  logic [LayerWidth-1:0] column_layer;
  logic [GroupWidth-1:0] column_group;
  logic [VectorCount*IndexWidth-1:0] column_index;
  logic [ColumnElements*bitfold_pkg::ColumnSumWidth-1:0] sum;
  logic [ColumnElements*StateWidth-1:0] state, estimate;
  logic hold_y, idle, theta_write;
  logic [1:0] theta_write_bank, theta_bank;
  logic [LayerWidth-1:0] theta_layer;
  logic [ItemWidth-1:0] theta_item;

  unit_core #(
    .Lanes(LaneCount), .Vectors(VectorCount), .Slots(SlotCount), .HBeatBytes(BeatBytes),
    .CountWidth(CountBits), .BlockWidth(BlockBits)
  ) u_core (
    .clk_i(aclk), .rst_ni(aresetn),
    .h_data_i(s_axis_h_tdata), .h_valid_i(s_axis_h_tvalid), .h_ready_o(h_ready),
    .h_last_i(s_axis_h_tlast), .h_block_i(s_axis_h_tuser), .hold_y_i(hold_y),
    .y_data_i(s_axis_y_tdata), .y_valid_i(s_axis_y_tvalid), .y_ready_o(y_ready),
    .y_last_i(s_axis_y_tlast), .y_user_i(s_axis_y_tuser),
    .up_data_o(m_axis_up_tdata), .up_valid_o(up_valid), .up_ready_i(m_axis_up_tready),
    .up_last_o(m_axis_up_tlast), .up_user_o(m_axis_up_tuser),
    .down_data_i(s_axis_down_tdata), .down_valid_i(s_axis_down_tvalid),
    .down_last_i(s_axis_down_tlast), .down_frame_i(s_axis_down_tuser),
    .column_valid_o(column_valid), .column_slot_o(column_slot), .column_layer_o(column_layer),
    .column_group_o(column_group),
    .column_index_o(column_index),
    .column_sum_o(sum), .column_state_o(state), .column_busy_i(|column_busy),
    .estimate_valid_i(trace_column_valid), .estimate_i(estimate),
    .busy_o(busy), .idle_o(idle),
    .h_error_o(h_frame_error), .h_errors_o(h_frame_errors),
    .y_error_o(y_frame_error), .y_errors_o(y_frame_errors),
    .lost_o(y_block_error), .losses_o(y_block_errors),
    .down_error_o(down_frame_error), .down_errors_o(down_frame_errors),
    .row_valid_o(trace_row_valid), .row_slot_o(trace_row_slot), .row_layer_o(trace_row_layer),
    .row_word_o(trace_row_word), .rows_o(trace_row_data)
  );

  if (Items > 0) begin : gen_theta
    theta_port #(.Layers(Layers), .Items(Items), .CountWidth(CountBits)) u_theta (
      .clk_i(aclk), .rst_ni(aresetn), .valid_i(s_axis_theta_tvalid), .ready_o(theta_ready),
      .last_i(s_axis_theta_tlast), .idle_i(idle), .hold_y_o(hold_y), .write_o(theta_write),
      .write_bank_o(theta_write_bank), .layer_o(theta_layer), .item_o(theta_item),
      .bank_o(theta_bank), .error_o(theta_frame_error), .errors_o(theta_frame_errors)
    );
  end else begin : gen_no_theta
    logic unused;

    assign {theta_ready, hold_y, theta_write, theta_write_bank, theta_layer, theta_item} = '0;
    assign {theta_bank, theta_frame_error, theta_frame_errors} = '0;
    assign unused = ^{s_axis_theta_tvalid, s_axis_theta_tlast, idle};
  end

  // Each vector has a function of its own; all say the same about where in its passes a slot is.
  localparam int unsigned ColumnSide = SlotWidth + GroupWidth;
  logic [VectorCount*ColumnSide-1:0] column_sides;
  logic [VectorCount*LayerWidth-1:0] column_layers;
  logic unused_sides;

  assign {trace_column_slot, trace_column_group} = column_sides[ColumnSide-1:0];
  assign trace_column_layer = column_layers[LayerWidth-1:0];
  assign unused_sides = ^{column_sides, column_layers};

  column_function #(
    .Count(GroupColumns), .SideWidth(ColumnSide), .Packed(VectorCount > 1)
  ) u_columns[VectorCount-1:0] (
    .clk_i(aclk), .rst_ni(aresetn),
    .write_i(theta_write), .write_bank_i(theta_write_bank), .write_layer_i(theta_layer),
    .write_item_i(theta_item), .write_data_i(s_axis_theta_tdata), .bank_i(theta_bank),
    .valid_i(column_valid), .side_i({column_slot, column_group}),
    .layer_i(column_layer), .index_i(column_index), .sum_i(sum),
    .record_i(state), .valid_o(trace_column_valid), .busy_o(column_busy),
    .side_o(column_sides), .layer_o(column_layers),
    .result_o(estimate), .wires_o(trace_column_data)
  );

  // No stream moves in a reset.
  assign s_axis_h_tready     = aresetn && h_ready;
  assign s_axis_y_tready     = aresetn && y_ready;
  assign s_axis_theta_tready = aresetn && theta_ready;
  assign s_axis_down_tready  = aresetn;
  assign m_axis_up_tvalid    = aresetn && up_valid;

  assign spec_digest = bitfold_pkg::Digest;
  assign graph_digest = bitfold_pkg::GraphDigest;
endmodule

`default_nettype wire
