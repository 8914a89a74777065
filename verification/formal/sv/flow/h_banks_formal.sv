// SPDX-License-Identifier: Apache-2.0
// h_banks, whose full banks are released at will: each whole frame of a newer number fills the next bank with
// its beats, number and tag, and they stay until the bank is released; every other frame is flagged and
// counted once; beats wait for a full bank alone. One beat of a frame, chosen at will, is followed.
`default_nettype none

module h_banks_formal #(
  parameter int unsigned Words  = 2,
  parameter int unsigned Slices = 2
) (
  input  wire logic       clk_i,
  input  wire logic       again_i,  // another reset
  input  wire logic       valid_i,
  input  wire logic       last_i,
  input  wire logic [1:0] data_i,
  input  wire logic [3:0] block_i,
  input  wire logic       tag_i,
  input  wire logic [1:0] release_i,
  input  wire logic       read_bank_i,
  input  wire logic [2:0] read_word_i,
  input  wire logic [2:0] chosen_word_i,
  input  wire logic [2:0] chosen_slice_i,
  output logic            bad_ready,
  output logic            bad_full,
  output logic            bad_kept,
  output logic            bad_word,
  output logic            bad_error
);
  localparam int unsigned Beats = Words * Slices;
  localparam int unsigned WordWidth = (Words > 1) ? $clog2(Words) : 1;

  logic begun_q = 1'b0;
  logic rst_n, ready, newest, any, error, beat, newer, whole, commit, committed, short, long;
  logic [1:0] full, release_now, tags, errors;
  logic [7:0] blocks;
  logic [2*Slices-1:0] word;
  logic [1:0] slice;

  // What the banks should be.
  logic any_q, bank_q, error_q, read_q;
  logic [1:0] full_q, tag_q, errors_q;
  logic [1:0][3:0] block_q;
  logic [1:0][1:0] kept_q;
  logic [1:0] read_kept_q;
  logic [2:0] word_q, slice_q;
  logic [4:0] beats_q;

  assign rst_n       = begun_q && !again_i;
  assign release_now = release_i & full_q;

  h_banks #(
    .Words(Words), .Lanes(Slices), .EntryWidth(2), .BeatEntries(1), .CountWidth(2), .TagWidth(1),
    .BlockWidth(4)
  ) u_dut (
    .clk_i, .rst_ni(rst_n), .h_valid_i(valid_i), .h_ready_o(ready), .commit_o(committed), .h_data_i(data_i),
    .h_last_i(last_i), .h_block_i(block_i), .h_tag_i(tag_i), .release_i(release_now),
    .full_o(full), .blocks_o(blocks), .newest_o(newest), .any_o(any), .tags_o(tags),
    .read_bank_i, .read_word_i(WordWidth'(read_word_i)), .word_o(word), .error_o(error),
    .errors_o(errors)
  );

  // A number is newer if it is 1 to 7 ahead, of 16.
  logic [3:0] ahead;
  assign ahead  = block_i - block_q[!bank_q] - 4'd1;
  assign newer  = !any_q || ahead < 4'd7;
  assign beat   = valid_i && ready;
  assign whole  = beat && last_i && beats_q == 5'(Beats - 1);
  assign commit = whole && newer;
  assign short  = beat && last_i && beats_q < 5'(Beats - 1);
  assign long   = beat && !last_i && beats_q == 5'(Beats - 1);

  always_ff @(posedge clk_i) begin
    begun_q <= 1'b1;
    if (!begun_q) begin
      word_q  <= chosen_word_i;
      slice_q <= chosen_slice_i;
    end
    if (!rst_n) begin
      any_q    <= 1'b0;
      bank_q   <= 1'b0;
      full_q   <= '0;
      beats_q  <= '0;
      error_q  <= 1'b0;
      errors_q <= '0;
      read_q   <= 1'b0;
    end else begin
      full_q <= full_q & ~release_now;
      if (beat) beats_q <= last_i ? 5'd0 : (beats_q < 5'(Beats)) ? beats_q + 5'd1 : beats_q;
      if (beat && beats_q == 5'(word_q) * 5'(Slices) + 5'(slice_q)) kept_q[bank_q] <= data_i;
      if (commit) begin
        any_q           <= 1'b1;
        full_q[bank_q]  <= 1'b1;
        block_q[bank_q] <= block_i;
        tag_q[bank_q]   <= tag_i;
        bank_q          <= !bank_q;
      end
      error_q <= short || long || (whole && !newer);
      if (error_q && errors_q != '1) errors_q <= errors_q + 2'd1;

      // A word of a full bank is read.
      read_q <= full_q[read_bank_i] && read_word_i == word_q && 32'(word_q) < Words;
      read_kept_q <= kept_q[read_bank_i];
    end
  end

  assign slice     = (32'(slice_q) < Slices) ? word[slice_q*2 +: 2] : read_kept_q;
  assign bad_ready = begun_q && ready != !full_q[bank_q];
  assign bad_full  = begun_q && (full != full_q || any != any_q || newest != !bank_q
    || committed != commit);
  always_comb begin
    bad_kept = begun_q && any_q && blocks[newest*4 +: 4] != block_q[!bank_q];
    for (int unsigned b = 0; b < 2; b++) begin
      if (begun_q && full_q[b] && (blocks[b*4 +: 4] != block_q[b] || tags[b] != tag_q[b])) bad_kept = 1'b1;
    end
  end
  assign bad_word  = begun_q && read_q && slice != read_kept_q;
  assign bad_error = begun_q && (error != error_q || errors != errors_q);
endmodule

`default_nettype wire
