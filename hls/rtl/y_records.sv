// The row records (y) of the vectors in their slots: one record a beat in, a word's records out.
// A frame of Words * RowsPerWord beats is written to slot load_i while that slot is free; a whole one
// is committed with the parity and tag of its last beat, another one is dropped.
// Latency: 1 cycle from read_slot_i and read_word_i to record_o.
module y_records #(
  parameter int unsigned Slots       = 4,
  parameter int unsigned Words       = 32,
  parameter int unsigned RowsPerWord = 1,
  parameter int unsigned RecordWidth = 12,
  parameter int unsigned CountWidth  = 16,
  localparam int unsigned SlotWidth = (Slots > 1) ? $clog2(Slots) : 1,
  localparam int unsigned WordWidth = (Words > 1) ? $clog2(Words) : 1
) (
  input  logic                               clk_i,
  input  logic                               rst_ni,
  input  logic                               y_valid_i,
  output logic                               y_ready_o,
  input  logic [RecordWidth-1:0]             y_data_i,
  input  logic                               y_last_i,
  input  logic                               free_i,
  input  logic [SlotWidth-1:0]               load_i,
  output logic                               commit_o,
  input  logic [SlotWidth-1:0]               read_slot_i,
  input  logic [WordWidth-1:0]               read_word_i,
  output logic [RowsPerWord*RecordWidth-1:0] record_o,
  output logic                               error_o,
  output logic [CountWidth-1:0]              errors_o
);
  localparam int unsigned RowWidth = (RowsPerWord > 1) ? $clog2(RowsPerWord) : 1;

  logic write;
  logic [WordWidth-1:0] word;
  logic [RowWidth-1:0] row;
  logic [RowsPerWord-1:0] write_rows;

  // Beats are taken while a slot is free to hold them.
  assign y_ready_o = free_i;

  frame_guard #(
    .Majors(Words), .Minors(RowsPerWord), .CountWidth(CountWidth)
  ) u_guard (
    .clk_i, .rst_ni,
    .beat_i(y_valid_i && y_ready_o), .refuse_i(1'b0), .last_i(y_last_i),
    .write_o(write), .major_o(word), .minor_o(row), .commit_o,
    .error_o, .errors_o
  );

  assign write_rows = write ? RowsPerWord'(1) << row : '0;

  lane_memory #(
    .Slices(RowsPerWord), .SliceWidth(RecordWidth), .Depth(1 << (SlotWidth + WordWidth))
  ) u_memory (
    .clk_i,
    .write_i(write_rows), .write_address_i({load_i, word}), .slice_i(y_data_i),
    .read_address_i({read_slot_i, read_word_i}), .word_o(record_o)
  );
endmodule
