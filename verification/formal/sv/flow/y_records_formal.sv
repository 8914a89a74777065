// SPDX-License-Identifier: Apache-2.0
// y_records, in a ring of frames that are freed in order at will: exactly the whole frames are committed, any
// other is flagged and counted once; the records of a frame stay until it is freed, and are read beside those
// of the frame behind it. One record of one frame of the ring, chosen at will, is followed.
`default_nettype none

module y_records_formal #(
  parameter int unsigned Frames      = 2,
  parameter int unsigned Vectors     = 1,
  parameter int unsigned Words       = 2,
  parameter int unsigned RowsPerWord = 2
) (
  input  wire logic       clk_i,
  input  wire logic       again_i,  // another reset
  input  wire logic       valid_i,
  input  wire logic       last_i,
  input  wire logic [1:0] data_i,
  input  wire logic       finish_i,
  input  wire logic [2:0] read_frame_i,
  input  wire logic [2:0] read_word_i,
  input  wire logic [2:0] chosen_frame_i,
  input  wire logic [2:0] chosen_word_i,
  input  wire logic [2:0] chosen_row_i,
  output logic            bad_ready,
  output logic            bad_commit,
  output logic            bad_record,
  output logic            bad_error
);
  localparam int unsigned Beats = Words * RowsPerWord;
  localparam int unsigned FrameWidth = (Frames > 1) ? $clog2(Frames) : 1;
  localparam int unsigned WordWidth = (Words > 1) ? $clog2(Words) : 1;

  logic begun_q = 1'b0;
  logic rst_n, ready, free, commit, error, beat, whole, error_q, chosen_there, finish;
  logic [1:0] errors, errors_q;
  logic [Vectors*RowsPerWord*2-1:0] record;
  logic [4:0] beats_q;
  logic [2:0] load_q, oldest_q, frame_q, word_q, row_q, behind;
  logic [3:0] used_q;
  logic [Frames-1:0] whole_q;   // frames committed and not freed
  logic [1:0] kept_q, expected_q;
  logic [Vectors-1:0] read_q;   // the vectors that show the chosen record's frame and word

  function automatic logic [2:0] next(input logic [2:0] frame);
    return (frame == 3'(Frames - 1)) ? 3'd0 : frame + 3'd1;
  endfunction

  assign rst_n  = begun_q && !again_i;
  assign free   = used_q != 4'(Frames);
  assign finish = finish_i && used_q != '0;

  y_records #(
    .Frames(Frames), .Vectors(Vectors), .Words(Words), .RowsPerWord(RowsPerWord), .RecordWidth(2),
    .CountWidth(2)
  ) u_dut (
    .clk_i, .rst_ni(rst_n), .y_valid_i(valid_i), .y_ready_o(ready), .y_data_i(data_i),
    .y_last_i(last_i), .free_i(free), .load_i(FrameWidth'(load_q)), .commit_o(commit),
    .read_frame_i(FrameWidth'(read_frame_i)), .read_word_i(WordWidth'(read_word_i)),
    .record_o(record), .error_o(error), .errors_o(errors)
  );

  assign beat   = valid_i && free;
  assign whole  = beat && last_i && beats_q == 5'(Beats - 1);
  assign behind = next(read_frame_i);
  assign chosen_there = 32'(frame_q) < Frames && 32'(word_q) < Words && 32'(row_q) < RowsPerWord
    && whole_q[frame_q] && read_word_i == word_q && 32'(read_frame_i) < Frames;

  always_ff @(posedge clk_i) begin
    begun_q <= 1'b1;
    if (!begun_q) begin
      frame_q <= chosen_frame_i;
      word_q  <= chosen_word_i;
      row_q   <= chosen_row_i;
    end
    if (!rst_n) begin
      load_q   <= '0;
      oldest_q <= '0;
      used_q   <= '0;
      whole_q  <= '0;
      beats_q  <= '0;
      error_q  <= 1'b0;
      errors_q <= '0;
      read_q   <= '0;
    end else begin
      if (beat) beats_q <= last_i ? 5'd0 : (beats_q < 5'(Beats)) ? beats_q + 5'd1 : beats_q;
      if (beat && load_q == frame_q && beats_q == 5'(word_q) * 5'(RowsPerWord) + 5'(row_q)) begin
        kept_q <= data_i;
      end
      if (finish) begin
        whole_q[oldest_q] <= 1'b0;
        oldest_q          <= next(oldest_q);
      end
      if (whole) begin
        whole_q[load_q] <= 1'b1;
        load_q          <= next(load_q);
      end
      used_q  <= used_q + 4'(whole) - 4'(finish);
      error_q <= beat && ((last_i && beats_q < 5'(Beats - 1)) || (!last_i && beats_q == 5'(Beats - 1)));
      if (error_q && errors_q != '1) errors_q <= errors_q + 2'd1;

      expected_q <= kept_q;
      read_q[0]  <= chosen_there && read_frame_i == frame_q;
      if (Vectors > 1) read_q[Vectors-1] <= chosen_there && behind == frame_q;
    end
  end

  always_comb begin
    bad_record = 1'b0;
    for (int unsigned v = 0; v < Vectors; v++) begin
      for (int unsigned r = 0; r < RowsPerWord; r++) begin
        if (begun_q && read_q[v] && row_q == 3'(r) && record[(v*RowsPerWord+r)*2 +: 2] != expected_q) begin
          bad_record = 1'b1;
        end
      end
    end
  end
  assign bad_ready  = begun_q && ready != free;
  assign bad_commit = begun_q && commit != whole;
  assign bad_error  = begun_q && (error != error_q || errors != errors_q);
endmodule

`default_nettype wire
