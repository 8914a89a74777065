// SPDX-License-Identifier: Apache-2.0
// Stored matrices: the engine in column passes alone, the element-wise function of a layer, AXI4-Stream on all
// sides. docs/rtl.md describes the streams; all sizes and constants come from bitfold_pkg and the .mem
// files of one spec. A block brings Fᵀ above P and the SNR index that they were made for.
// Latency: see docs/rtl.md. Golden model: fixedpoint/program/views/golden.py. Ports trace_* show every wire of every
// layer to a simulation; left open they cost nothing.
`default_nettype none

module stored_top
  import bitfold_pkg::*;
#(
  parameter int unsigned Lanes      = 32,  // products a cycle: 1, 2, … rows of F or P, of each vector
  parameter int unsigned Vectors    = 1,   // of a slot; 2 share each multiplier
  parameter int unsigned Slots      = 6,   // in flight, the one being loaded included
  parameter int unsigned HBeatBytes = 8,
  parameter int unsigned CountWidth = 16,
  parameter int unsigned BlockWidth = 16,  // of a block's number
  // Legal sizes in place of those that stop elaboration below.
  localparam int unsigned VectorCount = (Vectors > 0) ? Vectors : 1,
  localparam int unsigned LaneCount = (Lanes > 0) ? Lanes : VectorCount * Columns * Columns,
  localparam int unsigned SlotCount = (Slots > 0) ? Slots : 1,
  localparam int unsigned BeatBytes = (HBeatBytes > 0) ? HBeatBytes : (HWidth + 7) / 8,
  localparam int unsigned CountBits = (CountWidth > 0) ? CountWidth : 1,
  localparam int unsigned BlockBits = (BlockWidth > 3) ? BlockWidth : 4,
  localparam int unsigned MatrixRows = Rows + Columns,
  localparam int unsigned RowsPerWord = (LaneCount > VectorCount * Columns)
    ? LaneCount / (VectorCount * Columns) : 1,
  localparam int unsigned GroupColumns = (RowsPerWord < Columns) ? RowsPerWord : Columns,
  localparam int unsigned Groups = (Columns + GroupColumns - 1) / GroupColumns,
  localparam int unsigned FilledWords = (Rows + RowsPerWord - 1) / RowsPerWord,
  localparam int unsigned Words = ((FilledWords > Groups) ? FilledWords : Groups) + Groups,
  localparam int unsigned ColumnElements = VectorCount * GroupColumns,
  localparam int unsigned SlotWidth = (SlotCount > 1) ? $clog2(SlotCount) : 1,
  localparam int unsigned FrameWidth = (VectorCount * SlotCount > 1) ? $clog2(VectorCount * SlotCount) : 1,
  localparam int unsigned LayerWidth = (Layers > 1) ? $clog2(Layers) : 1,
  localparam int unsigned WordWidth = (Words > 1) ? $clog2(Words) : 1,
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1,
  localparam int unsigned HEntryBytes = (HWidth + 7) / 8,
  localparam int unsigned YBytes = (YWidth + 7) / 8,
  localparam int unsigned XBytes = (StateWidth + 7) / 8 + (CodeWidth + 7) / 8 + (SlicerBits + 7) / 8,
  localparam int unsigned LlrBytes = (LlrWidth > 0) ? SlicerBits * ((LlrWidth + 7) / 8) : 1
) (
  input  wire logic                                    aclk,
  input  wire logic                                    aresetn,
  input  wire logic [8*BeatBytes-1:0]                  s_axis_h_tdata,
  input  wire logic                                    s_axis_h_tvalid,
  output logic                                         s_axis_h_tready,
  input  wire logic                                    s_axis_h_tlast,
  input  wire logic [BlockBits+IndexWidth-1:0]         s_axis_h_tuser,
  input  wire logic [8*YBytes-1:0]                     s_axis_y_tdata,
  input  wire logic                                    s_axis_y_tvalid,
  output logic                                         s_axis_y_tready,
  input  wire logic                                    s_axis_y_tlast,
  input  wire logic [BlockBits+IndexWidth-1:0]         s_axis_y_tuser,
  output logic      [8*XBytes-1:0]                     m_axis_x_tdata,
  output logic                                         m_axis_x_tvalid,
  input  wire logic                                    m_axis_x_tready,
  output logic                                         m_axis_x_tlast,
  output logic      [BlockBits+IndexWidth:0]           m_axis_x_tuser,
  output logic      [8*LlrBytes-1:0]                   m_axis_llr_tdata,
  output logic                                         m_axis_llr_tvalid,
  input  wire logic                                    m_axis_llr_tready,
  output logic                                         m_axis_llr_tlast,
  output logic      [BlockBits+IndexWidth:0]           m_axis_llr_tuser,
  output logic                                         busy,
  output logic                                         h_frame_error,
  output logic      [CountBits-1:0]                    h_frame_errors,
  output logic                                         y_frame_error,
  output logic      [CountBits-1:0]                    y_frame_errors,
  output logic      [VectorCount-1:0]                  y_block_error,
  output logic      [CountBits-1:0]                    y_block_errors,
  output logic      [VectorCount-1:0]                  index_error,
  output logic      [CountBits-1:0]                    index_errors,
  output logic      [255:0]                            spec_digest,
  output logic      [255:0]                            graph_digest,
  output logic      [VectorCount-1:0]                  trace_front_valid,
  output logic      [SlotWidth-1:0]                    trace_front_slot,
  output logic      [GroupWidth-1:0]                   trace_front_group,
  output logic      [ColumnElements*FrontTraceWidth-1:0] trace_front_data,
  output logic      [VectorCount-1:0]                  trace_column_valid,
  output logic      [SlotWidth-1:0]                    trace_column_slot,
  output logic      [LayerWidth-1:0]                   trace_column_layer,
  output logic      [GroupWidth-1:0]                   trace_column_group,
  output logic      [ColumnElements*ColumnTraceWidth-1:0] trace_column_data
);

  if (Lanes < 1 || Vectors < 1 || Slots < 1 || HBeatBytes < 1 || CountWidth < 1 || BlockWidth < 4) begin : gen_bad_size
    $error("stored_top: Lanes, Vectors, Slots, HBeatBytes, CountWidth must be at least 1, BlockWidth 4");
  end

  localparam int unsigned BeatEntries = BeatBytes / HEntryBytes;
  localparam int unsigned ColumnWidth = SlicerBits * LlrWidth + SlicerBits + CodeWidth + StateWidth;
  localparam int unsigned SumWidth = (FrontSumWidth > ColumnSumWidth) ? FrontSumWidth : ColumnSumWidth;
  localparam int unsigned SideWidth = 2 + SlotWidth + GroupWidth;
  // What a block brings for each column is clamped as the narrower matrix is that holds all of it, or as P.
  localparam bit NumbersAsP = FWidth < BroughtWidest || (PWidth >= BroughtWidest && PWidth <= FWidth);
  localparam int unsigned NumberWidth = NumbersAsP ? PWidth : FWidth;

  if (BeatEntries * HEntryBytes != BeatBytes) begin : gen_bad_beat
    $error("stored_top: BeatBytes must be a multiple of the bytes of an entry of F and P");
  end

  // An SNR index beyond the bank means its last entry.
  function automatic logic [IndexWidth-1:0] within_bank(input logic [IndexWidth-1:0] index);
    return (32'(index) < BankEntries) ? index : IndexWidth'(BankEntries - 1);
  endfunction

  // Inputs are clamped to their formats.
  logic [BeatEntries*HWidth-1:0] h_beat;
  logic s_axis_h_ready;
  logic [YWidth-1:0] y_beat;

  // What a block brings for each column comes ahead of its matrices, and stays where its tag says.
  logic [1:0] place, block_place;
  logic [GroupWidth-1:0] column_group;
  logic [GroupColumns*BroughtBits-1:0] numbers;
  logic [BeatEntries*NumberWidth-1:0] number_beat;
  logic h_valid, h_last, h_ready, h_commit, h_numbers;

  for (genvar i = 0; i < BeatEntries; i++) begin : gen_number
    assign number_beat[i*NumberWidth +: NumberWidth] = h_beat[i*HWidth +: NumberWidth];
  end

  brought_numbers #(
    .BeatEntries(BeatEntries), .SourceWidth(8 * HEntryBytes), .EntryWidth(NumberWidth), .GroupColumns(GroupColumns)
  ) u_numbers (
    .clk_i(aclk), .rst_ni(aresetn), .valid_i(s_axis_h_tvalid), .ready_o(s_axis_h_ready), .last_i(s_axis_h_tlast),
    .beat_i(s_axis_h_tdata), .entries_i(number_beat), .own_o(h_numbers),
    .valid_o(h_valid), .last_o(h_last), .ready_i(h_ready),
    .commit_i(h_commit), .place_o(place), .read_place_i(block_place), .read_group_i(column_group),
    .numbers_o(numbers)
  );
  stored_matrices #(
    .BeatEntries(BeatEntries), .SourceWidth(8 * HEntryBytes),
    .FrontBeats(Rows * Columns / BeatEntries), .NumbersAsP(NumbersAsP)
  ) u_matrices (
    .clk_i(aclk), .rst_ni(aresetn), .taken_i(h_valid && h_ready),
    .last_i(h_last), .numbers_i(h_numbers), .beat_i(s_axis_h_tdata), .entries_o(h_beat)
  );
  beat_clamp #(.Count(1), .SourceWidth(8 * YBytes), .Width(YWidth)) u_clamp_y (
    .beat_i(s_axis_y_tdata), .integers_o(y_beat)
  );

  logic out_open, out_void, room, reserve, state_valid, engine_busy, buffer_busy;
  logic y_ready, x_valid, llr_valid, unused_rows;
  logic [VectorCount-1:0] column_valid, row_valid, mismatch, out_mismatch;
  logic [BlockBits-1:0] block;
  logic [SlotWidth-1:0] column_slot, row_slot;
  logic [FrameWidth-1:0] column_frame;
  logic [LayerWidth-1:0] column_layer, row_layer;
  logic [IndexWidth-1:0] block_index;
  logic [VectorCount*IndexWidth-1:0] own_index, row_index;
  logic [ColumnElements*SumWidth-1:0] sum;
  logic [ColumnElements*ColumnRecordWidth-1:0] record, next_record;
  logic [ColumnElements*ColumnResultWidth-1:0] result;
  logic [ColumnElements*ColumnWidth-1:0] group_data;

  // What row passes would show.
  logic [WordWidth-1:0] row_word;
  logic [VectorCount*RowsPerWord-1:0] row_sum;
  logic [VectorCount*RowsPerWord*YWidth-1:0] row_y;
  assign unused_rows = ^{row_valid, row_slot, row_layer, row_word, row_index, row_sum, row_y};

  engine #(
    .Rows(MatrixRows), .Columns(Columns), .Lanes(LaneCount), .Vectors(VectorCount), .Slots(SlotCount),
    .Layers(Layers), .EntryWidth(HWidth), .RecordWidth(YWidth), .ResultWidth(ColumnResultWidth),
    .StateWidth(ColumnRecordWidth), .RowSumWidth(1), .ColumnSumWidth(SumWidth), .TagWidth(IndexWidth),
    .BeatEntries(BeatEntries), .CountWidth(CountBits), .FrontRows(Rows),
    .BlockTagWidth(2 + IndexWidth), .BlockWidth(BlockBits)
  ) u_engine (
    .clk_i(aclk), .rst_ni(aresetn), .h_valid_i(h_valid), .h_ready_o(h_ready), .h_commit_o(h_commit),
    .h_data_i({place, within_bank(s_axis_h_tuser[IndexWidth-1:0]), h_beat}), .h_last_i(h_last),
    .h_block_i(s_axis_h_tuser[IndexWidth +: BlockBits]),
    .y_valid_i(s_axis_y_tvalid), .y_ready_o(y_ready), .y_data_i(y_beat),
    .y_last_i(s_axis_y_tlast), .y_block_i(s_axis_y_tuser[IndexWidth +: BlockBits]),
    .y_tag_i(within_bank(s_axis_y_tuser[IndexWidth-1:0])),
    .row_valid_o(row_valid), .row_slot_o(row_slot), .row_layer_o(row_layer),
    .row_word_o(row_word), .row_tag_o(row_index), .row_sum_o(row_sum), .row_record_o(row_y),
    .result_valid_i(state_valid), .result_slot_i(trace_column_slot),
    .result_word_i(WordWidth'(trace_column_group)), .result_i(result),
    .column_valid_o(column_valid), .column_slot_o(column_slot), .column_frame_o(column_frame),
    .column_layer_o(column_layer), .column_group_o(column_group), .column_void_o(out_void), .column_block_o(block),
    .column_tag_o({block_place, block_index, own_index}), .column_sum_o(sum), .column_state_o(record),
    .away_i('0), .state_valid_i({VectorCount{state_valid}}), .state_more_i(1'b0), .state_slot_i(trace_column_slot),
    .state_group_i(trace_column_group), .state_i(next_record),
    .room_i(room), .reserve_o(reserve), .busy_o(engine_busy), .h_error_o(h_frame_error), .h_errors_o(h_frame_errors),
    .y_error_o(y_frame_error), .y_errors_o(y_frame_errors), .lost_o(y_block_error), .losses_o(y_block_errors)
  );

  // Each vector has functions of its own; all say the same about where in its passes a slot is.
  localparam int unsigned UserWidth = 1 + BlockBits + IndexWidth;
  logic [VectorCount*SideWidth-1:0] sides, front_sides, column_sides;
  logic [VectorCount*LayerWidth-1:0] column_layers;
  logic [VectorCount*UserWidth-1:0] users;
  logic unused_sides;

  for (genvar v = 0; v < VectorCount; v++) begin : gen_vector
    assign mismatch[v] = own_index[v*IndexWidth +: IndexWidth] != block_index && !out_void;
    assign sides[v*SideWidth +: SideWidth] = {out_void, mismatch[v], column_slot, column_group};
    assign users[v*UserWidth +: UserWidth] = {mismatch[v], block, block_index};
    assign out_mismatch[v] = column_sides[(v+1)*SideWidth-2];
  end
  assign {trace_front_slot, trace_front_group}   = front_sides[SlotWidth+GroupWidth-1:0];
  assign {trace_column_slot, trace_column_group} = column_sides[SlotWidth+GroupWidth-1:0];
  assign trace_column_layer = column_layers[LayerWidth-1:0];
  assign unused_sides = ^{front_sides, column_sides, column_layers, column_frame};

  stored_columns #(
    .GroupColumns(GroupColumns), .SumWidth(SumWidth), .LayerWidth(LayerWidth), .SideWidth(SideWidth),
    .Packed(VectorCount > 1)
  ) u_columns[VectorCount-1:0] (
    .clk_i(aclk), .rst_ni(aresetn), .valid_i(column_valid), .side_i(sides),
    .layer_i(column_layer), .index_i(block_index), .sum_i(sum), .record_i(record), .brought_i(numbers),
    .front_valid_o(trace_front_valid), .front_side_o(front_sides),
    .fronts_o(trace_front_data), .valid_o(trace_column_valid),
    .side_o(column_sides), .layer_o(column_layers), .kept_o(next_record), .result_o(result),
    .output_o(group_data), .columns_o(trace_column_data)
  );

  // The last layer's state goes out, every other one back into the engine.
  logic final_layer, final_group;

  assign final_layer = trace_column_layer == LayerWidth'(Layers - 1);
  assign final_group = trace_column_group == GroupWidth'(Groups - 1);
  assign state_valid = trace_column_valid[0] && !final_layer;

  // A vector whose own index is not the block's is flagged and counted once, when its detection ends.
  drop_count #(.Vectors(VectorCount), .CountWidth(CountBits)) u_wrong_index (
    .clk_i(aclk), .rst_ni(aresetn),
    .drop_i({VectorCount{final_layer && final_group}} & trace_column_valid & out_mismatch),
    .error_o(index_error), .errors_o(index_errors)
  );

  // What goes with an output is known when its last layer's sums leave.
  assign out_open = column_valid[0] && column_layer == LayerWidth'(Layers - 1) && column_group == '0;

  // A place is taken from the last layer's pass on until all columns are sent; vectors come as often as their
  // products, y and x allow.
  localparam int unsigned Products = Words - Groups + (Layers - 1) * Groups;
  localparam int unsigned Frame = VectorCount * ((Rows > Columns) ? Rows : Columns);
  localparam int unsigned LastPass = (Layers > 1) ? Groups : Words - Groups;

  output_streams #(
    .Period((Products > Frame) ? Products : Frame),
    .Held(LastPass + 8 + $clog2(RowsPerWord) + FrontLatency + ColumnLatency + Groups + 3 + VectorCount * Columns),
    .Vectors(VectorCount), .Groups(Groups), .GroupColumns(GroupColumns), .Columns(Columns),
    .StateWidth(StateWidth), .CodeWidth(CodeWidth), .BitsWidth(SlicerBits), .LlrWidth(LlrWidth),
    .UserWidth(UserWidth)
  ) u_output (
    .clk_i(aclk), .rst_ni(aresetn), .reserve_i(reserve), .room_o(room),
    .open_i(out_open && !out_void), .user_i(users), .void_i(column_sides[SideWidth-1]),
    .group_valid_i(final_layer ? trace_column_valid : '0), .group_i(trace_column_group), .group_data_i(group_data),
    .x_valid_o(x_valid), .x_ready_i(m_axis_x_tready), .x_data_o(m_axis_x_tdata),
    .x_user_o(m_axis_x_tuser), .x_last_o(m_axis_x_tlast),
    .llr_valid_o(llr_valid), .llr_ready_i(m_axis_llr_tready), .llr_data_o(m_axis_llr_tdata),
    .llr_user_o(m_axis_llr_tuser), .llr_last_o(m_axis_llr_tlast), .busy_o(buffer_busy)
  );

  // No stream moves in a reset.
  assign s_axis_h_tready   = aresetn && s_axis_h_ready;
  assign s_axis_y_tready   = aresetn && y_ready;
  assign m_axis_x_tvalid   = aresetn && x_valid;
  assign m_axis_llr_tvalid = aresetn && llr_valid;

  assign busy        = engine_busy || buffer_busy;
  assign spec_digest = Digest;
  assign graph_digest = GraphDigest;
endmodule

`default_nettype wire
