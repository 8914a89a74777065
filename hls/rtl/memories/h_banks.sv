// SPDX-License-Identifier: Apache-2.0
// H in two banks, filled in turn. A word holds Lanes entries of H in row-major order, that is
// Lanes / columns whole rows. LastLanes: of the last word, the others are not written; FrontWords > 0: a first
// matrix of so many words, of which the last has FrontLanes, and the next one begins at SecondWord. A bank is
// full after a whole frame and stays so until it is released; the frame after that waits with h_ready_o low. Each
// bank keeps the block's number and the tag that came with its frame's last beat. A frame whose number is not newer
// than the last whole one's is a bad frame.
// Latency: 1 cycle from read_bank_i and read_word_i to word_o.
`default_nettype none

module h_banks #(
  parameter int unsigned Words       = 32,
  parameter int unsigned Lanes       = 32,
  parameter int unsigned EntryWidth  = 8,
  parameter int unsigned BeatEntries = 8,
  parameter int unsigned CountWidth  = 16,
  parameter int unsigned TagWidth    = 1,
  parameter int unsigned BlockWidth  = 16,
  parameter int unsigned LastLanes   = Lanes,
  parameter int unsigned FrontWords  = 0,
  parameter int unsigned FrontLanes  = Lanes,
  parameter int unsigned SecondWord  = FrontWords,
  localparam int unsigned WordWidth = (Words > 1) ? $clog2(Words) : 1
) (
  input  wire logic                              clk_i,
  input  wire logic                              rst_ni,
  input  wire logic                              h_valid_i,
  output logic                                   h_ready_o,
  output logic                                   commit_o,   // this beat makes a frame whole
  input  wire logic [BeatEntries*EntryWidth-1:0] h_data_i,
  input  wire logic                              h_last_i,
  input  wire logic [BlockWidth-1:0]             h_block_i,  // these two with h_last_i
  input  wire logic [TagWidth-1:0]               h_tag_i,
  input  wire logic [1:0]                        release_i,
  output logic      [1:0]                        full_o,
  output logic      [2*BlockWidth-1:0]           blocks_o,
  output logic                                   newest_o,   // the bank that was filled last
  output logic                                   any_o,      // one has been, since the reset
  output logic      [2*TagWidth-1:0]             tags_o,
  input  wire logic                              read_bank_i,
  input  wire logic [WordWidth-1:0]              read_word_i,
  output logic      [Lanes*EntryWidth-1:0]       word_o,
  output logic                                   error_o,
  output logic      [CountWidth-1:0]             errors_o
);
  localparam int unsigned Slices = Lanes / BeatEntries;
  localparam int unsigned SliceIndexWidth = (Slices > 1) ? $clog2(Slices) : 1;

  localparam int unsigned LastSlices = LastLanes / BeatEntries;
  localparam int unsigned FrontSlices = FrontLanes / BeatEntries;

  if (Slices * BeatEntries != Lanes || LastSlices * BeatEntries != LastLanes
      || FrontSlices * BeatEntries != FrontLanes) begin : gen_bad_beat
    $error("h_banks: BeatEntries must divide the entries of each word");
  end

  logic [1:0] full_q;
  logic [1:0][TagWidth-1:0] tags_q;
  logic [1:0][BlockWidth-1:0] blocks_q;
  logic bank_q, write, newer;
  logic [WordWidth-1:0] word;
  logic [SliceIndexWidth-1:0] slice;
  logic [Slices-1:0] write_slices;

  // Beats are taken while the bank they belong to is not full.
  assign h_ready_o = !full_q[bank_q];
  assign full_o    = full_q;
  assign tags_o    = tags_q;
  assign blocks_o  = blocks_q;
  assign newest_o  = !bank_q;

  block_newer #(.Width(BlockWidth)) u_newer (
    .a_i(h_block_i), .b_i(blocks_q[newest_o]), .newer_o(newer)
  );

  frame_guard #(
    .Majors(Words), .Minors(Slices), .LastMinors(LastSlices), .FrontMajors(FrontWords),
    .FrontMinors(FrontSlices), .SecondMajor(SecondWord), .CountWidth(CountWidth)
  ) u_guard (
    .clk_i, .rst_ni,
    .beat_i(h_valid_i && h_ready_o), .refuse_i(any_o && !newer), .last_i(h_last_i),
    .write_o(write), .major_o(word), .minor_o(slice), .commit_o,
    .error_o, .errors_o
  );

  // A whole frame fills its bank and turns to the other one; a release empties one.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      full_q <= 2'b00;
      bank_q <= 1'b0;
      any_o  <= 1'b0;
    end else begin
      full_q <= (full_q & ~release_i) | {commit_o && bank_q, commit_o && !bank_q};
      bank_q <= bank_q ^ commit_o;
      any_o  <= any_o || commit_o;
    end
  end

  // What came with the last beat stays with its bank; of a bank that is not full nobody looks at it.
  always_ff @(posedge clk_i) begin
    if (write) begin
      blocks_q[bank_q] <= h_block_i;
      tags_q[bank_q]   <= h_tag_i;
    end
  end

  assign write_slices = write ? Slices'(1) << slice : '0;

  lane_memory #(
    .Slices(Slices), .SliceWidth(BeatEntries * EntryWidth), .Depth(2 << WordWidth)
  ) u_memory (
    .clk_i,
    .write_i(write_slices), .write_address_i({bank_q, word}), .slice_i(h_data_i),
    .read_address_i({read_bank_i, read_word_i}), .word_o
  );
endmodule

`default_nettype wire
