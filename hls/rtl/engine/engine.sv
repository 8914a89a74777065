// SPDX-License-Identifier: Apache-2.0
// The engine of every detector: A·v and Aᵀ·r on one stored word order, for any Rows x Columns.
//
// A word of H holds RowsPerWord = Lanes / Vectors / Columns whole rows, the last one what is left of them, as the
// last group of columns does; a pass reads the words in order, one a cycle. A row pass emits, word by word, the
// sums of A·v with the rows' records (y) on row_*, and takes their results r back on result_*, in order, one word a
// cycle, after any fixed latency. A column pass emits, group by group, the sums of Aᵀ·r with the old state records
// on column_*, and takes the next state on state_*, in any time, groups of a vector in order. The low OperandWidth
// bits of a state record are v. Both are zero in the first layer; the last layer's state is not taken back. Streams
// have no ready: a slot has one column pass outstanding, so Slots x Groups places hold all there can be.
//
// With FrontRows > 0 there are column passes alone: layer 0's over the first FrontRows rows with r = y, a later
// one's over the Columns rows below with the r that result_* brings, group by group like the state, from its
// first group on. A vector whose H is lost (block_gate) has passes too, with any integers: column_void_o.
//
// A slot holds one vector, or with Vectors = 2 up to two of a block, which go through all passes side by side
// (vector_groups) and share the multipliers (mac_array). What is of a vector is then twice as wide, vector 0 lowest;
// row_valid_o and column_valid_o say which are there, the first always is. column_frame_o: its place in the ring of y;
// state_valid_i: whose state comes, state_more_i: the other's comes later; away_i: slots that wait for one from far.
//
// Latency: from a word's issue to row_valid_o 4 + $clog2(Columns) cycles, from a column pass's last word
// to the first group 7 + $clog2(RowsPerWord). Golden model: the products in fixedpoint/program/views/golden.py.
`default_nettype none

module engine #(
  parameter int unsigned Rows           = 32,  // stored: FrontRows + Columns in column passes alone
  parameter int unsigned Columns        = 32,
  parameter int unsigned Lanes          = 32,  // products a cycle, those of all vectors together
  parameter int unsigned Vectors        = 1,   // of a slot: 1 or 2
  parameter int unsigned Slots          = 4,
  parameter int unsigned Layers         = 5,
  parameter int unsigned EntryWidth     = 8,   // of H
  parameter int unsigned RecordWidth    = 12,  // of y
  parameter int unsigned OperandWidth   = 8,   // of v
  parameter int unsigned ResultWidth    = 8,   // of r
  parameter int unsigned StateWidth     = 8,   // of a column's state record
  parameter int unsigned RowSumWidth    = 20,
  parameter int unsigned ColumnSumWidth = 20,
  parameter int unsigned TagWidth       = 6,
  parameter int unsigned FrontRows      = 0,   // > 0: column passes alone
  parameter int unsigned BlockTagWidth  = 0,   // of the tag that comes with the last beat of H
  parameter int unsigned BlockWidth     = 16,  // of a block's number
  parameter int unsigned BeatEntries    = 8,   // entries of H a beat
  parameter int unsigned CountWidth     = 16,  // of the counters of dropped frames
  localparam int unsigned RowsPerWord = (Lanes > Vectors * Columns) ? Lanes / (Vectors * Columns) : 1,
  localparam int unsigned GroupColumns = (RowsPerWord < Columns) ? RowsPerWord : Columns,
  localparam int unsigned Groups = (Columns + GroupColumns - 1) / GroupColumns,
  localparam int unsigned FilledWords = (FrontRows + RowsPerWord - 1) / RowsPerWord,
  localparam int unsigned FrontWords = (FrontRows == 0 || FilledWords > Groups) ? FilledWords : Groups,
  localparam int unsigned Words = FrontWords + (Rows - FrontRows + RowsPerWord - 1) / RowsPerWord,
  localparam int unsigned SlotWidth = (Slots > 1) ? $clog2(Slots) : 1,
  localparam int unsigned FrameWidth = (Vectors * Slots > 1) ? $clog2(Vectors * Slots) : 1,
  localparam int unsigned LayerWidth = (Layers > 1) ? $clog2(Layers) : 1,
  localparam int unsigned WordWidth = (Words > 1) ? $clog2(Words) : 1,
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1
) (
  input  wire logic                                            clk_i, rst_ni,
  // H, row-major, BeatEntries a beat, and y, one record a beat; with the last one come block and tag
  input  wire logic                                            h_valid_i, h_last_i,
  output logic                                                 h_ready_o, h_commit_o,
  input  wire logic [BlockTagWidth+BeatEntries*EntryWidth-1:0] h_data_i,  // the block's tag on top
  input  wire logic [BlockWidth-1:0]                           h_block_i, y_block_i,
  input  wire logic                                            y_valid_i, y_last_i,
  output logic                                                 y_ready_o,
  input  wire logic [RecordWidth-1:0]                          y_data_i,
  input  wire logic [TagWidth-1:0]                             y_tag_i,
  // Row function
  output logic      [Vectors-1:0]                              row_valid_o,
  output logic      [SlotWidth-1:0]                            row_slot_o,
  output logic      [LayerWidth-1:0]                           row_layer_o,
  output logic      [WordWidth-1:0]                            row_word_o,
  output logic      [Vectors*TagWidth-1:0]                     row_tag_o,
  output logic      [Vectors*RowsPerWord*RowSumWidth-1:0]      row_sum_o,
  output logic      [Vectors*RowsPerWord*RecordWidth-1:0]      row_record_o,
  input  wire logic                                            result_valid_i,
  input  wire logic [SlotWidth-1:0]                            result_slot_i,
  input  wire logic [WordWidth-1:0]                            result_word_i,
  input  wire logic [Vectors*RowsPerWord*ResultWidth-1:0]      result_i,
  // Column function
  output logic      [Vectors-1:0]                              column_valid_o,
  output logic      [SlotWidth-1:0]                            column_slot_o,
  output logic      [FrameWidth-1:0]                           column_frame_o,
  output logic      [LayerWidth-1:0]                           column_layer_o,
  output logic      [GroupWidth-1:0]                           column_group_o,
  output logic                                                 column_void_o,
  output logic      [BlockWidth-1:0]                           column_block_o,
  output logic      [BlockTagWidth+Vectors*TagWidth-1:0]       column_tag_o,  // the block's tag on top
  output logic      [Vectors*GroupColumns*ColumnSumWidth-1:0]  column_sum_o,
  output logic      [Vectors*GroupColumns*StateWidth-1:0]      column_state_o,
  input  wire logic [Vectors-1:0]                              state_valid_i,
  input  wire logic                                            state_more_i,
  input  wire logic [SlotWidth-1:0]                            state_slot_i,
  input  wire logic [GroupWidth-1:0]                           state_group_i,
  input  wire logic [Vectors*GroupColumns*StateWidth-1:0]      state_i,
  // Output reservation and status
  input  wire logic [Slots-1:0]                                away_i,
  input  wire logic                                            room_i,
  output logic                                                 reserve_o, busy_o, h_error_o, y_error_o,
  output logic      [CountWidth-1:0]                           h_errors_o, y_errors_o, losses_o,
  output logic      [Vectors-1:0]                              lost_o
);
  if (Vectors * RowsPerWord * Columns != Lanes) begin : gen_bad_lanes
    $error("engine: Vectors * Columns must divide Lanes");
  end
  localparam bit ColumnsOnly = FrontRows > 0;
  if (RowsPerWord > Rows || (ColumnsOnly && (RowsPerWord > Columns || Rows != FrontRows + Columns))) begin : gen_bad
    $error("engine: a word of at most Rows rows, in column passes alone of at most Columns, was expected");
  end
  // Rows of the last word, and of the last one that the first FrontRows fill.
  localparam int unsigned LastRows = Rows - FrontRows - (Words - FrontWords - 1) * RowsPerWord;
  localparam int unsigned FrontLast = ColumnsOnly ? FrontRows - (FilledWords - 1) * RowsPerWord : RowsPerWord;
  localparam int unsigned RecordWords = ColumnsOnly ? FrontWords : Words;
  localparam int unsigned RecordWordWidth = (RecordWords > 1) ? $clog2(RecordWords) : 1;
  localparam int unsigned ResultWords = ColumnsOnly ? Groups : Words;
  localparam int unsigned ResultWordWidth = (ResultWords > 1) ? $clog2(ResultWords) : 1;
  localparam int unsigned OperandBits = ColumnsOnly ? 1 : OperandWidth;
  localparam int unsigned ResultBits = (ColumnsOnly && RecordWidth > ResultWidth) ? RecordWidth : ResultWidth;
  localparam int unsigned FactorWidth = (OperandBits > ResultBits) ? OperandBits : ResultBits;
  localparam int unsigned BlockTagBits = (BlockTagWidth > 0) ? BlockTagWidth : 1;
  localparam int unsigned PartialGrowth = EntryWidth + FactorWidth - 1 + $clog2(RowsPerWord);
  localparam int unsigned PartialWidth = (PartialGrowth < ColumnSumWidth) ? PartialGrowth : ColumnSumWidth;
  localparam int unsigned RowDepth = 4 + $clog2(Columns);          // word issued to row sums
  localparam int unsigned ColumnDepth = 4 + $clog2(RowsPerWord);   // word issued to partial sums
  localparam int unsigned Depth = (RowDepth > ColumnDepth) ? RowDepth : ColumnDepth + 1;

  typedef struct packed {
    logic                  valid;
    logic                  column;
    logic [SlotWidth-1:0]  slot;
    logic [LayerWidth-1:0] layer;
    logic [WordWidth-1:0]  word;
  } pass_t;

  pass_t issue, pass_q[1:Depth];
  logic [Vectors-1:0] row_there;
  logic start, finish, bank_q, newest, any;
  logic [1:0] full, release_bank;
  logic [SlotWidth-1:0] start_slot, drain_slot;
  logic [Slots-1:0] bank, voids;
  logic [2*BlockWidth-1:0] blocks;
  logic [BlockWidth-1:0] drain_block;
  logic [Slots*Vectors*TagWidth-1:0] tags;
  logic [Slots*Vectors-1:0] there;  // which vectors each slot has
  logic [Slots*FrameWidth-1:0] frames;

  // Row sums leave with the records of their rows, read a stage ahead.
  vector_slots #(
    .Vectors(Vectors), .Slots(Slots), .Words(RecordWords), .RowsPerWord(RowsPerWord),
    .RecordWidth(RecordWidth), .TagWidth(TagWidth), .CountWidth(CountWidth), .BlockWidth(BlockWidth),
    .Rows(ColumnsOnly ? FrontRows : Rows)
  ) u_slots (
    .clk_i, .rst_ni, .y_valid_i, .y_ready_o, .y_data_i, .y_last_i, .y_block_i, .y_tag_i,
    .full_i(full), .blocks_i(blocks), .newest_i(newest), .any_i(any), .release_o(release_bank),
    .start_o(start), .start_slot_o(start_slot), .bank_o(bank), .void_o(voids), .tags_o(tags),
    .there_o(there), .frames_o(frames), .away_i, .block_slot_i(drain_slot), .block_o(drain_block),
    .row_slot_i(ColumnsOnly ? issue.slot : pass_q[RowDepth-1].slot),
    .row_word_i(RecordWordWidth'(ColumnsOnly ? issue.word : pass_q[RowDepth-1].word)),
    .row_record_o, .row_tag_o, .row_there_o(row_there), .finish_i(finish),
    .finish_pair_i(column_valid_o[Vectors-1]), .busy_o, .error_o(y_error_o), .errors_o(y_errors_o),
    .lost_o, .losses_o
  );
  assign row_valid_o = row_there
    & {Vectors{!ColumnsOnly && pass_q[RowDepth].valid && !pass_q[RowDepth].column}};
  assign {row_slot_o, row_layer_o, row_word_o} =
    {pass_q[RowDepth].slot, pass_q[RowDepth].layer, pass_q[RowDepth].word};

  dispatcher #(
    .Slots(Slots), .Layers(Layers), .Words(Words), .Groups(Groups), .FrontWords(FrontWords)
  ) u_dispatcher (
    .clk_i, .rst_ni,
    .start_i(start), .start_slot_i(start_slot),
    .result_i(result_valid_i && result_word_i == '0), .result_slot_i,
    .state_i(|state_valid_i && !state_more_i && state_group_i == GroupWidth'(Groups - 1)), .state_slot_i,
    .room_i, .reserve_o,
    .valid_o(issue.valid), .column_o(issue.column), .slot_o(issue.slot), .layer_o(issue.layer),
    .word_o(issue.word)
  );

  // A pass's word travels with its data: pass_q[i] describes stage i behind the issue.
  always_ff @(posedge clk_i) begin
    pass_q[1] <= issue;
    for (int unsigned i = 2; i <= Depth; i++) pass_q[i] <= pass_q[i-1];
    if (!rst_ni) for (int unsigned i = 1; i <= Depth; i++) pass_q[i].valid <= 1'b0;
  end

  // Stage 1 to 2: the word of H and the vectors' operands; the word's results are read in stage 0, and wait in a
  // register (row_factors), from which they go to all lanes. Vectors are neighbours in operand, factor and partial.
  logic [Lanes/Vectors*EntryWidth-1:0] word;
  logic [Columns*Vectors*OperandBits-1:0] operand;
  logic [Vectors*RowsPerWord*ResultWidth-1:0] result;
  logic [RowsPerWord*Vectors*ResultBits-1:0] factor;
  logic [2*BlockTagBits-1:0] block_tags;
  logic [Columns*Vectors*PartialWidth-1:0] partial;
  logic [Vectors*GroupColumns*StateWidth-1:0] old_state;
  logic [GroupWidth-1:0] drain_group;

  h_banks #(
    .Words(Words), .Lanes(Lanes / Vectors), .EntryWidth(EntryWidth), .BeatEntries(BeatEntries),
    .CountWidth(CountWidth), .TagWidth(BlockTagBits), .BlockWidth(BlockWidth),
    .LastLanes(LastRows * Columns), .FrontWords(FilledWords), .FrontLanes(FrontLast * Columns),
    .SecondWord(FrontWords)
  ) u_h (
    .clk_i, .rst_ni, .h_valid_i, .h_ready_o, .commit_o(h_commit_o),
    .h_data_i(h_data_i[BeatEntries*EntryWidth-1:0]), .h_last_i,
    .h_block_i, .h_tag_i(BlockTagBits'({1'b0, h_data_i} >> (BeatEntries * EntryWidth))),
    .release_i(release_bank), .full_o(full), .blocks_o(blocks), .newest_o(newest), .any_o(any),
    .tags_o(block_tags),
    .read_bank_i(bank_q), .read_word_i(pass_q[1].word), .word_o(word),
    .error_o(h_error_o), .errors_o(h_errors_o)
  );

  vector_store #(
    .Slots(Slots), .Vectors(Vectors), .Words(ResultWords), .RowsPerWord(RowsPerWord),
    .ResultWidth(ResultWidth), .Groups(Groups), .GroupColumns(GroupColumns),
    .StateWidth(StateWidth), .OperandWidth(OperandBits), .Columns(Columns), .Operands(!ColumnsOnly)
  ) u_store (
    .clk_i,
    .result_valid_i, .result_slot_i, .result_word_i(ResultWordWidth'(result_word_i)), .result_i,
    .state_valid_i, .state_slot_i, .state_group_i, .state_i,
    .read_slot_i(pass_q[1].slot), .operand_o(operand),
    .read_result_slot_i(issue.slot),
    .read_word_i(ResultWordWidth'(issue.word - WordWidth'(FrontWords))), .result_o(result),
    .read_state_slot_i(drain_slot), .read_group_i(drain_group), .state_o(old_state)
  );

  always_ff @(posedge clk_i) bank_q <= bank[issue.slot];

  row_factors #(
    .Vectors(Vectors), .RowsPerWord(RowsPerWord), .RecordWidth(RecordWidth), .ResultWidth(ResultWidth),
    .FactorWidth(ResultBits), .Records(ColumnsOnly), .Words(Words), .LastRows(LastRows),
    .FilledWords(FilledWords), .FrontLast(FrontLast), .FrontWords(FrontWords)
  ) u_factors (
    .clk_i, .word_i(issue.word), .first_i(pass_q[1].layer == '0), .record_i(row_record_o),
    .result_i(result), .factor_o(factor)
  );

  // Stage 2 to RowDepth and ColumnDepth. The first layer's operand is zero.
  mac_array #(
    .Columns(Columns), .RowsPerWord(RowsPerWord), .Vectors(Vectors), .EntryWidth(EntryWidth),
    .OperandWidth(OperandBits), .ResultWidth(ResultBits),
    .RowSumWidth(RowSumWidth), .ColumnSumWidth(ColumnSumWidth), .RowPass(!ColumnsOnly)
  ) u_macs (
    .clk_i, .column_i(ColumnsOnly || pass_q[2].column), .zero_i(pass_q[2].layer == '0),
    .word_i(word), .operand_i(operand), .result_i(factor),
    .row_sum_o, .partial_o(partial)
  );

  // Partial sums are accumulated, then drained group by group with the old state.
  column_drain #(
    .Columns(Columns), .GroupColumns(GroupColumns), .Vectors(Vectors), .PartialWidth(PartialWidth),
    .SumWidth(ColumnSumWidth), .Slots(Slots), .Layers(Layers), .TagWidth(TagWidth),
    .BlockTagWidth(BlockTagWidth), .BlockWidth(BlockWidth)
  ) u_drain (
    .clk_i, .rst_ni,
    .valid_i(pass_q[ColumnDepth].valid && pass_q[ColumnDepth].column),
    .first_i(pass_q[ColumnDepth].word == '0 || pass_q[ColumnDepth].word == WordWidth'(FrontWords)),
    .last_i(pass_q[ColumnDepth].word == WordWidth'(Words - 1)
      || (ColumnsOnly && pass_q[ColumnDepth].word == WordWidth'(FrontWords - 1))),
    .partial_i(partial), .slot_i(pass_q[ColumnDepth+1].slot), .layer_i(pass_q[ColumnDepth+1].layer),
    .bank_i(bank), .void_i(voids), .block_i(drain_block), .tags_i(tags), .there_i(there), .frames_i(frames),
    .block_tags_i(block_tags),
    .read_slot_o(drain_slot), .read_group_o(drain_group),
    .column_valid_o, .column_slot_o, .column_frame_o, .column_layer_o, .column_group_o, .column_void_o,
    .column_block_o, .column_tag_o, .column_sum_o, .finish_o(finish)
  );
  assign column_state_o = (column_layer_o == '0) ? '0 : old_state;
endmodule

`default_nettype wire
