// SPDX-License-Identifier: Apache-2.0
// stream_fifo, pushed only where there is room: its words leave once each, in order, and stay while they are
// stalled; a word waits for nothing but the reader. A word marked at will is followed through the queue.
`default_nettype none

module stream_fifo_formal #(
  parameter int unsigned Depth = 3,
  parameter int unsigned Width = 2
) (
  input  wire logic             clk_i,
  input  wire logic             again_i,  // another reset
  input  wire logic             want_i,
  input  wire logic             ready_i,
  input  wire logic             mark_i,
  input  wire logic [Width-1:0] data_i,
  output logic                  bad_count,
  output logic                  bad_word,
  output logic                  bad_stall,
  output logic                  bad_inner
);
  logic begun_q = 1'b0;
  logic rst_n, push, pop, valid, stalled_q, marked_q;
  logic [Width-1:0] data, last_q, word_q;
  logic [4:0] count_q, ahead_q, write, place;

  assign rst_n = begun_q && !again_i;
  assign push  = want_i && count_q != 5'(Depth);
  assign pop   = valid && ready_i;

  stream_fifo #(.Depth(Depth), .Width(Width)) u_dut (
    .clk_i, .rst_ni(rst_n), .push_i(push), .data_i, .valid_o(valid), .ready_i, .data_o(data)
  );

  // The marked word leaves when the words ahead of it have left.
  always_ff @(posedge clk_i) begin
    begun_q   <= 1'b1;
    stalled_q <= rst_n && valid && !ready_i;
    last_q    <= data;
    if (!rst_n) begin
      count_q  <= '0;
      marked_q <= 1'b0;
    end else begin
      count_q <= count_q + 5'(push) - 5'(pop);
      if (push && mark_i && !marked_q) begin
        marked_q <= 1'b1;
        word_q   <= data_i;
        ahead_q  <= count_q - 5'(pop);
      end else if (pop) begin
        if (ahead_q == '0) marked_q <= 1'b0;
        else ahead_q <= ahead_q - 5'd1;
      end
    end
  end

  assign bad_count = begun_q && valid != (count_q != '0);
  assign bad_word  = begun_q && marked_q && ahead_q == '0 && (!valid || data != word_q);
  assign bad_stall = begun_q && stalled_q && (!valid || data != last_q);

  // What makes it inductive: the queue's own registers agree with the count and with the marked word.
  assign write = 5'(u_dut.read_q) + count_q;
  assign place = 5'(u_dut.read_q) + ahead_q;
  assign bad_inner = begun_q && (5'(u_dut.count_q) != count_q || count_q > 5'(Depth)
    || 5'(u_dut.read_q) >= 5'(Depth)
    || 5'(u_dut.write_q) != ((write >= 5'(Depth)) ? write - 5'(Depth) : write)
    || (marked_q && ahead_q >= count_q)
    || (marked_q
      && u_dut.memory[(place >= 5'(Depth)) ? place - 5'(Depth) : place] != word_q)
    || (stalled_q && last_q != u_dut.memory[u_dut.read_q]));
endmodule

`default_nettype wire
