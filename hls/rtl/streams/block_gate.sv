// SPDX-License-Identifier: Apache-2.0
// Which H the oldest vector that waits gets, by the numbers of their blocks. Whole frames of H lie in two
// banks, filled in turn, each newer than the one before; newest_i is the bank of the last one.
//   its number is a bank's:          it starts with that bank;
//   it is newer than the last H:     it waits for its own;
//   else its H is lost:              it starts as a void vector, whose output nobody sees.
// Vectors come in the order of their blocks: a bank is over when a vector of a newer block waits, and is
// released when the last vector that reads it has finished.
// Latency: a vector that can start does so 2 cycles after head_valid_i.
`default_nettype none

module block_gate #(
  parameter int unsigned BlockWidth = 16,
  parameter int unsigned CountWidth = 3   // of the vectors in flight
) (
  input  wire logic                    clk_i,
  input  wire logic                    rst_ni,
  input  wire logic                    head_valid_i,
  input  wire logic [BlockWidth-1:0]   head_block_i,
  input  wire logic [1:0]              full_i,
  input  wire logic [2*BlockWidth-1:0] blocks_i,
  input  wire logic                    newest_i,
  input  wire logic                    any_i,        // there has been a whole H since the reset
  output logic      [1:0]              release_o,
  output logic                         start_o,
  output logic                         start_bank_o,
  output logic                         start_void_o,
  input  wire logic [1:0]              finish_i      // a vector that has read this bank
);
  logic [BlockWidth-1:0] head_q, newest;
  (* keep *) logic [1:0] match;  // one comparison for all that asks
  logic [1:0] over_q, ends;
  logic [1:0][CountWidth-1:0] flying_q;  // started and not finished, by bank
  logic seen_q, newer, go, lost;

  // The number is compared a cycle after it is read; behind a start the next one is another vector's.
  always_ff @(posedge clk_i) begin
    head_q <= head_block_i;
    seen_q <= rst_ni && head_valid_i && !(go || lost) && !start_o;
  end

  assign newest = blocks_i[newest_i*BlockWidth +: BlockWidth];
  block_newer #(.Width(BlockWidth)) u_newer (.a_i(head_q), .b_i(newest), .newer_o(newer));

  always_comb begin
    for (int unsigned b = 0; b < 2; b++) begin
      match[b] = full_i[b] && !over_q[b] && blocks_i[b*BlockWidth +: BlockWidth] == head_q;
    end
  end

  assign go   = seen_q && match != '0;
  assign lost = seen_q && match == '0 && any_i && !newer;

  always_ff @(posedge clk_i) begin
    start_o      <= rst_ni && (go || lost);
    start_bank_o <= match[1];
    start_void_o <= !go;
  end

  // A vector that waits ends both blocks, one of the newest block the other one.
  assign ends = full_i & {2{seen_q && !lost}} & (match == '0 ? 2'b11 : match[newest_i] ? ~match : 2'b00);

  always_comb begin
    for (int unsigned b = 0; b < 2; b++) release_o[b] = over_q[b] && flying_q[b] == '0;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) over_q <= '0;
    else over_q <= (over_q | ends) & ~release_o;
  end

  // Vectors in flight are counted for each bank: both can be at work for a while.
  always_ff @(posedge clk_i) begin
    for (int unsigned b = 0; b < 2; b++) begin
      if (!rst_ni) flying_q[b] <= '0;
      else flying_q[b] <= flying_q[b]
        + CountWidth'(start_o && !start_void_o && start_bank_o == 1'(b)) - CountWidth'(finish_i[b]);
    end
  end
endmodule

`default_nettype wire
