// SPDX-License-Identifier: Apache-2.0
// The row records (y) of the vectors: one record a beat in, a word's records of Vectors vectors out.
// A frame of Rows beats, of which the last word may hold less than RowsPerWord, is written to frame load_i of the
// ring while free_i says that it is free; a whole one is committed with the block and tag of its last beat, another
// one is dropped.
// Read are frame read_frame_i and the one behind it in the ring: neighbours lie in different memories.
// Latency: 1 cycle from read_frame_i and read_word_i to record_o.
`default_nettype none

module y_records #(
  parameter int unsigned Frames      = 4,
  parameter int unsigned Vectors     = 1,  // 1 or 2; divides Frames
  parameter int unsigned Words       = 32,
  parameter int unsigned RowsPerWord = 1,
  parameter int unsigned RecordWidth = 12,
  parameter int unsigned CountWidth  = 16,
  parameter int unsigned Rows        = Words * RowsPerWord,
  localparam int unsigned FrameWidth = (Frames > 1) ? $clog2(Frames) : 1,
  localparam int unsigned WordWidth = (Words > 1) ? $clog2(Words) : 1
) (
  input  wire logic                                       clk_i,
  input  wire logic                                       rst_ni,
  input  wire logic                                       y_valid_i,
  output logic                                            y_ready_o,
  input  wire logic [RecordWidth-1:0]                     y_data_i,
  input  wire logic                                       y_last_i,
  input  wire logic                                       free_i,
  input  wire logic [FrameWidth-1:0]                      load_i,
  output logic                                            commit_o,
  input  wire logic [FrameWidth-1:0]                      read_frame_i,
  input  wire logic [WordWidth-1:0]                       read_word_i,
  output logic      [Vectors*RowsPerWord*RecordWidth-1:0] record_o,  // vector 0 lowest
  output logic                                            error_o,
  output logic      [CountWidth-1:0]                      errors_o
);
  localparam int unsigned RowWidth = (RowsPerWord > 1) ? $clog2(RowsPerWord) : 1;
  localparam int unsigned RecordsWidth = RowsPerWord * RecordWidth;

  localparam int unsigned FrameWords = (Rows + RowsPerWord - 1) / RowsPerWord;
  localparam int unsigned FrameWordWidth = (FrameWords > 1) ? $clog2(FrameWords) : 1;

  logic write;
  logic [WordWidth-1:0] word;
  logic [FrameWordWidth-1:0] frame_word;
  logic [RowWidth-1:0] row;
  logic [RowsPerWord-1:0] write_rows;

  // Beats are taken while a frame is free to hold them.
  assign y_ready_o = free_i;

  frame_guard #(
    .Majors(FrameWords), .Minors(RowsPerWord), .LastMinors(Rows - (FrameWords - 1) * RowsPerWord),
    .CountWidth(CountWidth)
  ) u_guard (
    .clk_i, .rst_ni,
    .beat_i(y_valid_i && y_ready_o), .refuse_i(1'b0), .last_i(y_last_i),
    .write_o(write), .major_o(frame_word), .minor_o(row), .commit_o,
    .error_o, .errors_o
  );

  assign word       = WordWidth'(frame_word);
  assign write_rows = write ? RowsPerWord'(1) << row : '0;

  if (Vectors == 1) begin : gen_single
    lane_memory #(
      .Slices(RowsPerWord), .SliceWidth(RecordWidth), .Depth(1 << (FrameWidth + WordWidth))
    ) u_memory (
      .clk_i,
      .write_i(write_rows), .write_address_i({load_i, word}), .slice_i(y_data_i),
      .read_address_i({read_frame_i, read_word_i}), .word_o(record_o)
    );
  end else begin : gen_pair
    localparam int unsigned PlaceWidth = (FrameWidth > 1) ? FrameWidth - 1 : 1;
    logic [FrameWidth-1:0] behind;
    logic [2*RecordsWidth-1:0] records;
    logic odd_q;

    assign behind = (read_frame_i == FrameWidth'(Frames - 1)) ? '0 : read_frame_i + FrameWidth'(1);

    // Even frames lie in one memory, odd ones in the other; the first vector's is in either.
    for (genvar b = 0; b < 2; b++) begin : gen_bank
      logic [FrameWidth-1:0] frame;

      assign frame = (read_frame_i[0] == 1'(b)) ? read_frame_i : behind;

      lane_memory #(
        .Slices(RowsPerWord), .SliceWidth(RecordWidth), .Depth(1 << (PlaceWidth + WordWidth))
      ) u_memory (
        .clk_i,
        .write_i((load_i[0] == 1'(b)) ? write_rows : '0),
        .write_address_i({PlaceWidth'(load_i >> 1), word}), .slice_i(y_data_i),
        .read_address_i({PlaceWidth'(frame >> 1), read_word_i}),
        .word_o(records[b*RecordsWidth +: RecordsWidth])
      );
    end

    always_ff @(posedge clk_i) odd_q <= read_frame_i[0];
    assign record_o = odd_q
      ? {records[RecordsWidth-1:0], records[2*RecordsWidth-1:RecordsWidth]} : records;
  end
endmodule

`default_nettype wire
