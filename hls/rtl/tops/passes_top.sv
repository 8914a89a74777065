// SPDX-License-Identifier: Apache-2.0
// H in row and column passes: the engine, two scalar functions, AXI4-Stream on all sides. docs/rtl.md describes the
// streams; all sizes and constants come from bitfold_pkg and the .mem files of one spec.
// Latency: see docs/rtl.md. Golden model: fixedpoint/program/views/golden.py. Ports trace_* show every wire of every
// layer to a simulation; left open they cost nothing.
`default_nettype none

module passes_top #(
  parameter int unsigned Lanes      = 32,  // products a cycle: 1, 2, … rows of H, of each vector
  parameter int unsigned Vectors    = 1,   // of a slot; 2 share each multiplier
  parameter int unsigned Slots      = 6,   // in flight, the one being loaded included
  parameter int unsigned HBeatBytes = 8,
  parameter int unsigned CountWidth = 16,
  parameter int unsigned BlockWidth = 16,  // of a block's number
  // Legal sizes in place of those that stop elaboration below.
  localparam int unsigned VectorCount = (Vectors > 0) ? Vectors : 1,
  localparam int unsigned LaneCount = (Lanes > 0)
    ? Lanes : VectorCount * bitfold_pkg::Rows * bitfold_pkg::Columns,
  localparam int unsigned SlotCount = (Slots > 0) ? Slots : 1,
  localparam int unsigned BeatBytes = (HBeatBytes > 0) ? HBeatBytes : (bitfold_pkg::HWidth + 7) / 8,
  localparam int unsigned CountBits = (CountWidth > 0) ? CountWidth : 1,
  localparam int unsigned BlockBits = (BlockWidth > 3) ? BlockWidth : 4,
  localparam int unsigned Rows = bitfold_pkg::Rows,
  localparam int unsigned Columns = bitfold_pkg::Columns,
  localparam int unsigned Layers = bitfold_pkg::Layers,
  localparam int unsigned RowsPerWord = (LaneCount > VectorCount * Columns)
    ? LaneCount / (VectorCount * Columns) : 1,
  localparam int unsigned Words = (Rows + RowsPerWord - 1) / RowsPerWord,
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
  localparam int unsigned HEntryBytes = (bitfold_pkg::HWidth + 7) / 8,
  localparam int unsigned YBytes = (bitfold_pkg::YWidth + 7) / 8,
  localparam int unsigned StateBytes = (bitfold_pkg::StateWidth + 7) / 8,
  localparam int unsigned CodeBytes = (bitfold_pkg::CodeWidth + 7) / 8,
  localparam int unsigned BitsBytes = (bitfold_pkg::SlicerBits + 7) / 8,
  localparam int unsigned XBytes = StateBytes + CodeBytes + BitsBytes,
  localparam int unsigned LlrBytes = (bitfold_pkg::LlrWidth > 0)
    ? bitfold_pkg::SlicerBits * ((bitfold_pkg::LlrWidth + 7) / 8) : 1
) (
  input  wire logic                                                 aclk,
  input  wire logic                                                 aresetn,
  input  wire logic [8*BeatBytes-1:0]                               s_axis_h_tdata,
  input  wire logic                                                 s_axis_h_tvalid,
  output logic                                                      s_axis_h_tready,
  input  wire logic                                                 s_axis_h_tlast,
  input  wire logic [BlockBits-1:0]                                 s_axis_h_tuser,
  input  wire logic [8*YBytes-1:0]                                  s_axis_y_tdata,
  input  wire logic                                                 s_axis_y_tvalid,
  output logic                                                      s_axis_y_tready,
  input  wire logic                                                 s_axis_y_tlast,
  input  wire logic [BlockBits+IndexWidth-1:0]                      s_axis_y_tuser,
  output logic      [8*XBytes-1:0]                                  m_axis_x_tdata,
  output logic                                                      m_axis_x_tvalid,
  input  wire logic                                                 m_axis_x_tready,
  output logic                                                      m_axis_x_tlast,
  output logic      [BlockBits+IndexWidth-1:0]                      m_axis_x_tuser,
  output logic      [8*LlrBytes-1:0]                                m_axis_llr_tdata,
  output logic                                                      m_axis_llr_tvalid,
  input  wire logic                                                 m_axis_llr_tready,
  output logic                                                      m_axis_llr_tlast,
  output logic      [BlockBits+IndexWidth-1:0]                      m_axis_llr_tuser,
  output logic                                                      busy,
  output logic                                                      h_frame_error,
  output logic      [CountBits-1:0]                                 h_frame_errors,
  output logic                                                      y_frame_error,
  output logic      [CountBits-1:0]                                 y_frame_errors,
  output logic      [VectorCount-1:0]                               y_block_error,
  output logic      [CountBits-1:0]                                 y_block_errors,
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
    $error("passes_top: Lanes, Vectors, Slots, HBeatBytes, CountWidth must be at least 1, BlockWidth 4");
  end

  localparam int unsigned HWidth = bitfold_pkg::HWidth;
  localparam int unsigned YWidth = bitfold_pkg::YWidth;
  localparam int unsigned StateWidth = bitfold_pkg::StateWidth;
  localparam int unsigned CodeWidth = bitfold_pkg::CodeWidth;
  localparam int unsigned SlicerBits = bitfold_pkg::SlicerBits;
  localparam int unsigned LlrWidth = bitfold_pkg::LlrWidth;
  localparam int unsigned BeatEntries = BeatBytes / HEntryBytes;
  localparam int unsigned ColumnWidth = SlicerBits * LlrWidth + SlicerBits + CodeWidth + StateWidth;

  if (BeatEntries * HEntryBytes != BeatBytes) begin : gen_bad_beat
    $error("passes_top: BeatBytes must be a multiple of the bytes of an entry of H");
  end

  // Inputs are clamped to their formats: the most negative integer of a byte is no entry of H.
  logic [BeatEntries*HWidth-1:0] h_beat;
  logic [YWidth-1:0] y_beat;
  logic [IndexWidth-1:0] index;

  beat_clamp #(
    .Count(BeatEntries), .SourceWidth(8 * HEntryBytes), .Width(HWidth)
  ) u_clamp_h (
    .beat_i(s_axis_h_tdata), .integers_o(h_beat)
  );
  beat_clamp #(.Count(1), .SourceWidth(8 * YBytes), .Width(YWidth)) u_clamp_y (
    .beat_i(s_axis_y_tdata), .integers_o(y_beat)
  );

  // An SNR index beyond the bank means its last entry.
  assign index = (32'(s_axis_y_tuser[IndexWidth-1:0]) < bitfold_pkg::BankEntries)
    ? s_axis_y_tuser[IndexWidth-1:0] : IndexWidth'(bitfold_pkg::BankEntries - 1);

  logic h_commit, out_open, out_void, room, reserve, state_valid, engine_busy, buffer_busy;
  logic h_ready, y_ready, x_valid, llr_valid;
  logic [VectorCount-1:0] row_valid, column_valid;
  logic [SlotWidth-1:0] row_slot, column_slot;
  logic [FrameWidth-1:0] column_frame;
  logic [LayerWidth-1:0] row_layer, column_layer;
  logic [WordWidth-1:0] row_word;
  logic [GroupWidth-1:0] column_group;
  logic [VectorCount*IndexWidth-1:0] row_index, column_index;
  logic [BlockBits-1:0] block;
  logic [RowElements*bitfold_pkg::RowSumWidth-1:0] accumulator;
  logic [RowElements*YWidth-1:0] y;
  logic [ColumnElements*bitfold_pkg::ColumnSumWidth-1:0] gradient;
  logic [RowElements*bitfold_pkg::RowResultWidth-1:0] residual;
  logic [ColumnElements*bitfold_pkg::ColumnRecordWidth-1:0] record, next_record;
  logic [ColumnElements*ColumnWidth-1:0] group_data;

  engine #(
    .Rows(Rows), .Columns(Columns), .Lanes(LaneCount), .Vectors(VectorCount), .Slots(SlotCount),
    .Layers(Layers), .EntryWidth(HWidth), .RecordWidth(YWidth),
    .OperandWidth(bitfold_pkg::ColumnResultWidth), .ResultWidth(bitfold_pkg::RowResultWidth),
    .StateWidth(bitfold_pkg::ColumnRecordWidth), .RowSumWidth(bitfold_pkg::RowSumWidth),
    .ColumnSumWidth(bitfold_pkg::ColumnSumWidth),
    .TagWidth(IndexWidth), .BeatEntries(BeatEntries), .CountWidth(CountBits),
    .BlockWidth(BlockBits)
  ) u_engine (
    .clk_i(aclk), .rst_ni(aresetn),
    .h_valid_i(s_axis_h_tvalid), .h_ready_o(h_ready), .h_commit_o(h_commit), .h_data_i(h_beat),
    .h_last_i(s_axis_h_tlast), .h_block_i(s_axis_h_tuser),
    .y_valid_i(s_axis_y_tvalid), .y_ready_o(y_ready), .y_data_i(y_beat),
    .y_last_i(s_axis_y_tlast), .y_block_i(s_axis_y_tuser[IndexWidth +: BlockBits]), .y_tag_i(index),
    .row_valid_o(row_valid), .row_slot_o(row_slot), .row_layer_o(row_layer),
    .row_word_o(row_word), .row_tag_o(row_index), .row_sum_o(accumulator), .row_record_o(y),
    .result_valid_i(trace_row_valid[0]), .result_slot_i(trace_row_slot),
    .result_word_i(trace_row_word), .result_i(residual),
    .column_valid_o(column_valid), .column_slot_o(column_slot), .column_frame_o(column_frame),
    .column_layer_o(column_layer),
    .column_group_o(column_group), .column_void_o(out_void), .column_block_o(block), .column_tag_o(column_index),
    .column_sum_o(gradient), .column_state_o(record),
    .away_i('0), .state_valid_i({VectorCount{state_valid}}), .state_more_i(1'b0),
    .state_slot_i(trace_column_slot),
    .state_group_i(trace_column_group), .state_i(next_record),
    .room_i(room), .reserve_o(reserve), .busy_o(engine_busy),
    .h_error_o(h_frame_error), .h_errors_o(h_frame_errors),
    .y_error_o(y_frame_error), .y_errors_o(y_frame_errors),
    .lost_o(y_block_error), .losses_o(y_block_errors)
  );

  // Each vector has functions of its own; all say the same about where in its passes a slot is.
  localparam bit Packed = VectorCount > 1;
  localparam int unsigned RowSide = SlotWidth + WordWidth;
  localparam int unsigned ColumnSide = 1 + SlotWidth + GroupWidth;
  logic [VectorCount*RowSide-1:0] row_sides;
  logic [VectorCount*LayerWidth-1:0] row_layers, column_layers;
  logic [VectorCount*ColumnSide-1:0] column_sides;
  logic [ColumnElements*bitfold_pkg::ColumnResultWidth-1:0] operand;
  logic [VectorCount-1:0] row_busy, column_busy;
  logic group_void, unused;

  assign {trace_row_slot, trace_row_word} = row_sides[RowSide-1:0];
  assign {group_void, trace_column_slot, trace_column_group} = column_sides[ColumnSide-1:0];
  assign trace_row_layer    = row_layers[LayerWidth-1:0];
  assign trace_column_layer = column_layers[LayerWidth-1:0];
  assign unused = ^{row_sides, row_layers, column_layers, column_sides, operand, row_busy, column_busy,
    column_frame, h_commit};

  row_function #(
    .Count(RowsPerWord), .SideWidth(RowSide), .Packed(Packed)
  ) u_rows[VectorCount-1:0] (
    .clk_i(aclk), .rst_ni(aresetn), .valid_i(row_valid), .side_i({row_slot, row_word}),
    .layer_i(row_layer), .index_i(row_index), .sum_i(accumulator), .record_i(y),
    .valid_o(trace_row_valid), .busy_o(row_busy), .side_o(row_sides), .layer_o(row_layers),
    .result_o(residual), .wires_o(trace_row_data)
  );

  column_function #(
    .Count(GroupColumns), .SideWidth(ColumnSide), .Packed(Packed)
  ) u_columns[VectorCount-1:0] (
    .clk_i(aclk), .rst_ni(aresetn), .valid_i(column_valid), .side_i({out_void, column_slot, column_group}),
    .layer_i(column_layer), .index_i(column_index), .sum_i(gradient), .record_i(record),
    .valid_o(trace_column_valid), .busy_o(column_busy), .side_o(column_sides),
    .layer_o(column_layers), .result_o(operand), .kept_o(next_record), .output_o(group_data),
    .wires_o(trace_column_data)
  );

  // The last layer's state goes out, every other one back into the engine.
  logic final_layer;
  logic [VectorCount*(BlockBits+IndexWidth)-1:0] users;

  assign final_layer = trace_column_layer == LayerWidth'(Layers - 1);
  assign state_valid = trace_column_valid[0] && !final_layer;

  for (genvar v = 0; v < VectorCount; v++) begin : gen_user
    assign users[v*(BlockBits+IndexWidth) +: BlockBits+IndexWidth] =
      {block, column_index[v*IndexWidth +: IndexWidth]};
  end

  // What goes with an output is known when its last layer's sums leave.
  assign out_open = column_valid[0] && column_layer == LayerWidth'(Layers - 1) && column_group == '0;

  // A place is taken from the last layer's pass on until all columns are sent; vectors come as often as their
  // products, y and x allow.
  localparam int unsigned Products = 2 * Layers * Words;
  localparam int unsigned Frame = VectorCount * ((Rows > Columns) ? Rows : Columns);

  output_streams #(
    .Period((Products > Frame) ? Products : Frame),
    .Held(Words + 8 + $clog2(RowsPerWord) + bitfold_pkg::ColumnLatency + Groups + 3 + VectorCount * Columns),
    .Vectors(VectorCount), .Groups(Groups), .GroupColumns(GroupColumns), .Columns(Columns),
    .StateWidth(StateWidth), .CodeWidth(CodeWidth), .BitsWidth(SlicerBits), .LlrWidth(LlrWidth),
    .UserWidth(BlockBits + IndexWidth)
  ) u_output (
    .clk_i(aclk), .rst_ni(aresetn), .reserve_i(reserve), .room_o(room),
    .open_i(out_open && !out_void), .user_i(users), .void_i(group_void),
    .group_valid_i(final_layer ? trace_column_valid : '0), .group_i(trace_column_group),
    .group_data_i(group_data),
    .x_valid_o(x_valid), .x_ready_i(m_axis_x_tready), .x_data_o(m_axis_x_tdata),
    .x_user_o(m_axis_x_tuser), .x_last_o(m_axis_x_tlast),
    .llr_valid_o(llr_valid), .llr_ready_i(m_axis_llr_tready), .llr_data_o(m_axis_llr_tdata),
    .llr_user_o(m_axis_llr_tuser), .llr_last_o(m_axis_llr_tlast), .busy_o(buffer_busy)
  );

  // No stream moves in a reset.
  assign s_axis_h_tready   = aresetn && h_ready;
  assign s_axis_y_tready   = aresetn && y_ready;
  assign m_axis_x_tvalid   = aresetn && x_valid;
  assign m_axis_llr_tvalid = aresetn && llr_valid;

  assign busy        = engine_busy || buffer_busy;
  assign spec_digest = bitfold_pkg::Digest;
  assign graph_digest = bitfold_pkg::GraphDigest;
endmodule

`default_nettype wire
