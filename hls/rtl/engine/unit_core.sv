// SPDX-License-Identifier: Apache-2.0
// A distributed unit but for its column function: the engine over the unit's own
// rows, the row function, the AXI4-Streams, both ends of the fronthaul. docs/rtl.md describes the streams.
//
// A column pass leaves group by group on column_* and comes back as estimates, in order, after any fixed
// time. An estimate goes to the fusion node as a message of Groups beats; a slot's next layer starts when
// a whole answer to its message has come. An answer that no message asked for is refused. With Vectors = 2
// up to two vectors share a slot; on column_* and rows_o they lie side by side, vector 0 lowest, and each of
// them has messages of its own, under its frame: the place that it has in the ring of frames of y.
// Latency: see docs/rtl.md. Golden model: fixedpoint/detectors/units.py.
`default_nettype none

module unit_core #(
  parameter int unsigned Lanes      = 32,
  parameter int unsigned Vectors    = 1,
  parameter int unsigned Slots      = 8,
  parameter int unsigned HBeatBytes = 8,
  parameter int unsigned CountWidth = 16,
  parameter int unsigned BlockWidth = 16,
  localparam int unsigned Rows = bitfold_pkg::UnitRows,
  localparam int unsigned Columns = bitfold_pkg::Columns,
  localparam int unsigned Layers = bitfold_pkg::Layers,
  localparam int unsigned RowsPerWord = (Lanes > Vectors * Columns)
    ? Lanes / (Vectors * Columns) : 1,
  localparam int unsigned Words = (Rows + RowsPerWord - 1) / RowsPerWord,
  localparam int unsigned GroupColumns = (RowsPerWord < Columns) ? RowsPerWord : Columns,
  localparam int unsigned Groups = (Columns + GroupColumns - 1) / GroupColumns,
  localparam int unsigned SlotWidth = (Slots > 1) ? $clog2(Slots) : 1,
  localparam int unsigned FrameWidth = (Vectors * Slots > 1) ? $clog2(Vectors * Slots) : 1,
  localparam int unsigned LayerWidth = (Layers > 1) ? $clog2(Layers) : 1,
  localparam int unsigned WordWidth = (Words > 1) ? $clog2(Words) : 1,
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1,
  localparam int unsigned IndexWidth = bitfold_pkg::IndexWidth,
  localparam int unsigned StateWidth = bitfold_pkg::StateWidth,
  localparam int unsigned PlaceWidth = LayerWidth + FrameWidth,
  localparam int unsigned UserWidth = 1 + BlockWidth + IndexWidth + PlaceWidth,
  localparam int unsigned MessageWidth = 8 * ((GroupColumns * StateWidth + 7) / 8)
) (
  input  wire logic                                                  clk_i,
  input  wire logic                                                  rst_ni,
  input  wire logic [8*HBeatBytes-1:0]                               h_data_i,
  input  wire logic                                                  h_valid_i,
  output logic                                                       h_ready_o,
  input  wire logic                                                  h_last_i,
  input  wire logic [BlockWidth-1:0]                                 h_block_i,
  input  wire logic                                                  hold_y_i,  // no further frame begins
  input  wire logic [7:0]                                            y_data_i,
  input  wire logic                                                  y_valid_i,
  output logic                                                       y_ready_o,
  input  wire logic                                                  y_last_i,
  input  wire logic [BlockWidth+IndexWidth-1:0]                      y_user_i,
  output logic      [MessageWidth-1:0]                               up_data_o,
  output logic                                                       up_valid_o,
  input  wire logic                                                  up_ready_i,
  output logic                                                       up_last_o,
  output logic      [UserWidth-1:0]                                  up_user_o,
  input  wire logic [MessageWidth-1:0]                               down_data_i,
  input  wire logic                                                  down_valid_i,
  input  wire logic                                                  down_last_i,
  input  wire logic [FrameWidth-1:0]                                 down_frame_i,
  // Column function
  output logic      [Vectors-1:0]                                    column_valid_o,
  output logic      [SlotWidth-1:0]                                  column_slot_o,
  output logic      [LayerWidth-1:0]                                 column_layer_o,
  output logic      [GroupWidth-1:0]                                 column_group_o,
  output logic      [Vectors*IndexWidth-1:0]                         column_index_o,
  output logic      [Vectors*GroupColumns*bitfold_pkg::ColumnSumWidth-1:0] column_sum_o,
  output logic      [Vectors*GroupColumns*StateWidth-1:0]            column_state_o,
  input  wire logic                                                  column_busy_i,
  input  wire logic [Vectors-1:0]                                    estimate_valid_i,
  input  wire logic [Vectors*GroupColumns*StateWidth-1:0]            estimate_i,
  // Status and trace
  output logic                                                       busy_o,
  output logic                                                       idle_o,  // and no frame of y partly in
  output logic                                                       h_error_o,
  output logic      [CountWidth-1:0]                                 h_errors_o,
  output logic                                                       y_error_o,
  output logic      [CountWidth-1:0]                                 y_errors_o,
  output logic      [Vectors-1:0]                                    lost_o,  // a vector is void
  output logic      [CountWidth-1:0]                                 losses_o,
  output logic                                                       down_error_o,
  output logic      [CountWidth-1:0]                                 down_errors_o,
  output logic      [Vectors-1:0]                                    row_valid_o,
  output logic      [SlotWidth-1:0]                                  row_slot_o,
  output logic      [LayerWidth-1:0]                                 row_layer_o,
  output logic      [WordWidth-1:0]                                  row_word_o,
  output logic      [Vectors*RowsPerWord*bitfold_pkg::RowTraceWidth-1:0] rows_o  // row_trace_t of each
);
  localparam int unsigned HWidth = bitfold_pkg::HWidth;
  localparam int unsigned HEntryBytes = (HWidth + 7) / 8;
  localparam int unsigned BeatEntries = HBeatBytes / HEntryBytes;
  localparam int unsigned CodeWidth = bitfold_pkg::YWidth;

  if (BeatEntries * HEntryBytes != HBeatBytes) begin : gen_bad_beat
    $error("unit_core: HBeatBytes must be a multiple of the bytes of an entry of H");
  end
  // A vector may wait for the answer to its partner, which another unit has in the next slot.
  if (Slots < Vectors) begin : gen_bad_slots
    $error("unit_core: two vectors a slot need at least two slots");
  end

  // Inputs are clamped to their formats, the index to the bank.
  logic [BeatEntries*HWidth-1:0] h_beat;
  logic [CodeWidth-1:0] code;
  logic [IndexWidth-1:0] index;

  beat_clamp #(
    .Count(BeatEntries), .SourceWidth(8 * HEntryBytes), .Width(HWidth)
  ) u_clamp_h (
    .beat_i(h_data_i), .integers_o(h_beat)
  );
  assign code = (y_data_i < 8'd1 << CodeWidth) ? CodeWidth'(y_data_i) : '1;
  assign index = (32'(y_user_i[IndexWidth-1:0]) < bitfold_pkg::BankEntries)
    ? y_user_i[IndexWidth-1:0] : IndexWidth'(bitfold_pkg::BankEntries - 1);

  // A held stream of y stops between two frames.
  logic y_open_q, y_stop, y_ready, engine_busy;

  assign y_stop    = hold_y_i && !y_open_q;
  assign y_ready_o = y_ready && !y_stop;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) y_open_q <= 1'b0;
    else if (y_valid_i && y_ready_o) y_open_q <= !y_last_i;
  end

  logic room, reserve, column_void, state_more, h_commit;
  logic [Vectors-1:0] row_valid, state_valid;
  logic [Slots-1:0] away;
  logic [FrameWidth-1:0] column_frame;
  logic [BlockWidth-1:0] column_block;
  logic [SlotWidth-1:0] row_slot, state_slot;
  logic [LayerWidth-1:0] row_layer;
  logic [WordWidth-1:0] row_word;
  logic [Vectors*IndexWidth-1:0] row_index;
  logic [Vectors*RowsPerWord*bitfold_pkg::RowSumWidth-1:0] sum;
  logic [Vectors*RowsPerWord*CodeWidth-1:0] codes;
  logic [Vectors*RowsPerWord*bitfold_pkg::RowResultWidth-1:0] residual;
  logic [Vectors*UserWidth-1:0] users;
  logic [GroupWidth-1:0] state_group;
  logic [GroupColumns*StateWidth-1:0] state;

  engine #(
    .Rows(Rows), .Columns(Columns), .Lanes(Lanes), .Vectors(Vectors), .Slots(Slots), .Layers(Layers),
    .EntryWidth(HWidth), .RecordWidth(CodeWidth), .OperandWidth(StateWidth),
    .ResultWidth(bitfold_pkg::RowResultWidth), .StateWidth(StateWidth),
    .RowSumWidth(bitfold_pkg::RowSumWidth), .ColumnSumWidth(bitfold_pkg::ColumnSumWidth),
    .TagWidth(IndexWidth), .BeatEntries(BeatEntries), .CountWidth(CountWidth),
    .BlockWidth(BlockWidth)
  ) u_engine (
    .clk_i, .rst_ni, .h_valid_i, .h_ready_o, .h_commit_o(h_commit), .h_data_i(h_beat), .h_last_i, .h_block_i,
    .y_valid_i(y_valid_i && !y_stop), .y_ready_o(y_ready), .y_data_i(code), .y_last_i,
    .y_block_i(y_user_i[IndexWidth +: BlockWidth]), .y_tag_i(index),
    .row_valid_o(row_valid), .row_slot_o(row_slot), .row_layer_o(row_layer),
    .row_word_o(row_word), .row_tag_o(row_index), .row_sum_o(sum), .row_record_o(codes),
    .result_valid_i(row_valid_o[0]), .result_slot_i(row_slot_o), .result_word_i(row_word_o),
    .result_i(residual),
    .column_valid_o, .column_slot_o, .column_frame_o(column_frame), .column_layer_o, .column_group_o,
    .column_void_o(column_void), .column_block_o(column_block), .column_tag_o(column_index_o),
    .column_sum_o, .column_state_o,
    .away_i(away), .state_valid_i(state_valid), .state_more_i(state_more),
    .state_slot_i(state_slot), .state_group_i(state_group), .state_i({Vectors{state}}),
    .room_i(room), .reserve_o(reserve), .busy_o(engine_busy),
    .h_error_o, .h_errors_o, .y_error_o, .y_errors_o, .lost_o, .losses_o
  );

  // Each vector has functions of its own; all say the same about where in its passes a slot is.
  localparam int unsigned RowSide = SlotWidth + WordWidth;
  logic [Vectors*RowSide-1:0] row_sides;
  logic [Vectors*LayerWidth-1:0] row_layers;
  logic unused;

  assign {row_slot_o, row_word_o} = row_sides[RowSide-1:0];
  assign row_layer_o = row_layers[LayerWidth-1:0];
  assign unused = ^{row_sides, row_layers, h_commit};

  unit_rows #(
    .RowsPerWord(RowsPerWord), .LayerWidth(LayerWidth), .SideWidth(RowSide), .Packed(Vectors > 1)
  ) u_rows[Vectors-1:0] (
    .clk_i, .rst_ni, .valid_i(row_valid), .side_i({row_slot, row_word}), .layer_i(row_layer),
    .index_i(row_index), .sum_i(sum), .code_i(codes), .valid_o(row_valid_o),
    .side_o(row_sides), .layer_o(row_layers), .result_o(residual), .rows_o
  );

  // The second vector of a slot has the frame behind the first one's.
  for (genvar v = 0; v < Vectors; v++) begin : gen_user
    logic [FrameWidth-1:0] frame;

    assign frame = (v > 0 && column_frame == FrameWidth'(Vectors * Slots - 1))
      ? '0 : column_frame + FrameWidth'(v);
    assign users[v*UserWidth +: UserWidth] = {
      column_void, column_block, column_index_o[v*IndexWidth +: IndexWidth], column_layer_o, frame
    };
  end

  unit_fronthaul #(
    .Vectors(Vectors), .Slots(Slots), .Layers(Layers), .Groups(Groups), .GroupColumns(GroupColumns),
    .StateWidth(StateWidth), .UserWidth(UserWidth), .CountWidth(CountWidth)
  ) u_fronthaul (
    .clk_i, .rst_ni, .reserve_i(reserve), .room_o(room),
    .message_i(column_valid_o & {Vectors{column_group_o == '0}}), .slot_i(column_slot_o), .user_i(users),
    .estimate_valid_i, .estimate_i,
    .up_data_o, .up_valid_o, .up_ready_i, .up_last_o, .up_user_o,
    .down_data_i, .down_valid_i, .down_last_i, .down_frame_i,
    .away_o(away), .state_valid_o(state_valid), .state_more_o(state_more), .state_slot_o(state_slot),
    .state_group_o(state_group), .state_o(state),
    .down_error_o, .down_errors_o
  );

  assign busy_o = engine_busy || column_busy_i || up_valid_o;
  assign idle_o = !busy_o && !y_open_q;
endmodule

`default_nettype wire
