// SPDX-License-Identifier: Apache-2.0
// The numbers of each column that a block brings ahead of its matrices: BroughtRows rows of the stream of
// matrices, which go no further. Each block has one of four places of a memory, whose number is to be the
// block's tag: two blocks are at work and one is being brought at the most. A place is left for the next one
// when its block is whole; the numbers of a dropped frame are written over.
// Of a frame that ends among them one beat is passed on with TLAST, a cycle later, which is a short frame to
// who counts the others. Without such rows every beat passes.
// A word holds the columns of whole beats and of whole groups. Numbers are stored as entries_i has them,
// clamped to EntryWidth bits, and clamped to their own format when they are read, where fewer are; one that
// is wider is clamped by itself.
// Latency: combinational; from read_place_i and read_group_i to numbers_o 1 cycle.
`default_nettype none

module brought_numbers
  import bitfold_pkg::*;
#(
  parameter int unsigned BeatEntries  = 4,
  parameter int unsigned SourceWidth  = 16,
  parameter int unsigned EntryWidth   = 8,
  parameter int unsigned GroupColumns = 1,
  localparam int unsigned Groups = (Columns + GroupColumns - 1) / GroupColumns,
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1
) (
  input  wire logic                                clk_i,
  input  wire logic                                rst_ni,
  input  wire logic                                valid_i,
  output logic                                     ready_o,
  input  wire logic                                last_i,
  input  wire logic [BeatEntries*SourceWidth-1:0]  beat_i,
  input  wire logic [BeatEntries*EntryWidth-1:0]   entries_i, // the same, clamped
  output logic                                     own_o,     // the beat has numbers of columns
  output logic                                     valid_o,   // of a beat that passes, as the next one
  output logic                                     last_o,
  input  wire logic                                ready_i,
  input  wire logic                                commit_i,  // a whole block, with the last beat that passes
  output logic      [1:0]                          place_o,   // of the block that is being brought
  input  wire logic [1:0]                          read_place_i,
  input  wire logic [GroupWidth-1:0]               read_group_i,
  output logic      [GroupColumns*BroughtBits-1:0] numbers_o  // a column's side by side, the first row lowest
);
  localparam int unsigned RowBeats = Columns / BeatEntries;

  // The smallest common multiple.
  function automatic int unsigned word_columns;
    word_columns = BeatEntries;
    while (word_columns % GroupColumns != 0) word_columns += BeatEntries;
  endfunction

  if (BroughtRows == 0) begin : gen_none
    logic unused;

    assign unused    = ^{clk_i, rst_ni, beat_i, entries_i, commit_i, read_place_i, read_group_i};
    assign numbers_o = '0;
    assign place_o   = '0;
    assign own_o     = 1'b0;
    assign valid_o   = valid_i;
    assign last_o    = last_i;
    assign ready_o   = ready_i;
  end else begin : gen_rows
    localparam int unsigned Slices = word_columns() / BeatEntries;
    localparam int unsigned Parts = word_columns() / GroupColumns;
    localparam int unsigned Words = (RowBeats + Slices - 1) / Slices;
    localparam int unsigned WordWidth = (Words > 1) ? $clog2(Words) : 1;
    localparam int unsigned BeatWidth = (RowBeats > 1) ? $clog2(RowBeats) : 1;
    localparam int unsigned RowWidth = $clog2(BroughtRows + 1);
    localparam int unsigned PartWidth = (Parts > 1) ? $clog2(Parts) : 1;
    localparam int unsigned LastColumns = Columns - (Groups - 1) * GroupColumns;

    logic [BeatWidth-1:0] beat_q;
    logic [RowWidth-1:0] row_q;  // BroughtRows: the numbers are there
    logic [1:0] place_q;
    logic [PartWidth-1:0] part_q;
    logic own, take, row_end, short_q, final_q, unused;

    assign unused = ^{beat_i, entries_i};

    if (RowBeats * BeatEntries != Columns) begin : gen_bad_beat
      $error("brought_numbers: BeatEntries must divide Columns");
    end

    assign own     = row_q != RowWidth'(BroughtRows);
    assign row_end = beat_q == BeatWidth'(RowBeats - 1);
    assign valid_o = short_q || (valid_i && !own);
    assign last_o  = short_q || last_i;
    assign ready_o = !short_q && (own || ready_i);
    assign place_o = place_q;
    assign own_o   = own;
    assign take    = valid_i && ready_o;

    // A frame begins behind every TLAST, whatever became of the one before.
    always_ff @(posedge clk_i) begin
      if (!rst_ni || (take && last_i)) begin
        beat_q <= '0;
        row_q  <= '0;
      end else if (take && own) begin
        beat_q <= row_end ? '0 : beat_q + BeatWidth'(1);
        row_q  <= row_q + RowWidth'(row_end);
      end
    end

    always_ff @(posedge clk_i) begin
      if (!rst_ni) short_q <= 1'b0;
      else if (short_q) short_q <= !ready_i;
      else short_q <= valid_i && own && last_i;
    end

    always_ff @(posedge clk_i) begin
      if (!rst_ni) place_q <= '0;
      else place_q <= place_q + 2'(commit_i);
    end

    // What is read lies in a part of its word; a short last group has zeros beyond it.
    always_ff @(posedge clk_i) begin
      part_q  <= PartWidth'(32'(read_group_i) % Parts);
      final_q <= read_group_i == GroupWidth'(Groups - 1);
    end

    for (genvar r = 0; r < BroughtRows; r++) begin : gen_row
      localparam int unsigned Width = BroughtWidths[r];
      localparam int unsigned Offset = BroughtOffsets[r];

      localparam bit Narrow = Width <= EntryWidth;
      localparam int unsigned Stored = Narrow ? EntryWidth : Width;

      logic [BeatEntries*Stored-1:0] entries;
      logic [Slices-1:0] write;
      logic [Parts*GroupColumns*Stored-1:0] word;
      logic [GroupColumns*Stored-1:0] read;
      logic [GroupColumns*Width-1:0] numbers;

      if (Narrow) begin : gen_narrow
        assign entries = entries_i;
        beat_clamp #(.Count(GroupColumns), .SourceWidth(Stored), .Width(Width)) u_clamp (
          .beat_i(read), .integers_o(numbers)
        );
      end else begin : gen_wide
        beat_clamp #(.Count(BeatEntries), .SourceWidth(SourceWidth), .Width(Width)) u_clamp (
          .beat_i, .integers_o(entries)
        );
        assign numbers = read;
      end
      assign write = (take && row_q == RowWidth'(r)) ? Slices'(1) << 32'(beat_q) % Slices : '0;
      lane_memory #(
        .Slices(Slices), .SliceWidth(BeatEntries * Stored), .Depth(4 << WordWidth)
      ) u_memory (
        .clk_i, .write_i(write), .write_address_i({place_q, WordWidth'(32'(beat_q) / Slices)}),
        .slice_i(entries), .read_address_i({read_place_i, WordWidth'(32'(read_group_i) / Parts)}),
        .word_o(word)
      );

      for (genvar c = 0; c < GroupColumns; c++) begin : gen_column
        assign read[c*Stored +: Stored] = (c >= LastColumns && final_q)
          ? '0 : word[(32'(part_q)*GroupColumns+c)*Stored +: Stored];
        assign numbers_o[c*BroughtBits+Offset +: Width] = numbers[c*Width +: Width];
      end
    end
  end
endmodule

`default_nettype wire
