// SPDX-License-Identifier: Apache-2.0
// Which vectors share a slot. Vectors = 1: each whole frame of y takes the slot that it was loaded into.
// Vectors = 2: frames lie in a ring of their own, Vectors * Slots of them. When a slot is free, the two
// oldest frames that wait take it together if they are of one block (number); the oldest one goes alone
// if the next is of another block, or if no other waits, no slot is at work and its H is there (or lost): no
// vector waits for a partner that may not come. A slot keeps its group: {second frame there, place of the first
// frame in the ring, tag of the second, tag of the first}; of Vectors = 1 the tag alone.
// Latency: a pair takes its slot a cycle after the commit of its second frame.
`default_nettype none

module vector_groups #(
  parameter int unsigned Vectors  = 2,
  parameter int unsigned Slots    = 4,
  parameter int unsigned TagWidth = 6,
  parameter int unsigned BlockWidth = 16,
  localparam int unsigned Frames = Vectors * Slots,
  localparam int unsigned FrameWidth = (Frames > 1) ? $clog2(Frames) : 1,
  localparam int unsigned SlotWidth = (Slots > 1) ? $clog2(Slots) : 1,
  localparam int unsigned GroupWidth = Vectors * TagWidth + ((Vectors > 1) ? FrameWidth + 1 : 0)
) (
  input  wire logic                  clk_i,
  input  wire logic                  rst_ni,
  input  wire logic                  commit_i,       // a whole frame, with its block and tag
  input  wire logic [BlockWidth-1:0] block_i,
  input  wire logic [TagWidth-1:0]   tag_i,
  output logic                       free_o,         // load_o is free: a frame may be written there
  output logic      [FrameWidth-1:0] load_o,
  input  wire logic [1:0]            full_i,         // of the banks of H
  input  wire logic [BlockWidth-1:0] newest_i,       // the block of the last whole H
  input  wire logic                  any_i,          // there is one
  input  wire logic                  slot_free_i,    // slot_i is
  input  wire logic [SlotWidth-1:0]  slot_i,
  input  wire logic                  slots_busy_i,   // any is at work
  output logic                       take_o,         // a group takes the slot
  output logic      [BlockWidth-1:0] block_o,
  output logic      [GroupWidth-1:0] group_o,
  input  wire logic                  finish_i,       // the oldest group has finished
  input  wire logic                  finish_pair_i,  // and was a pair
  output logic                       waiting_o       // a frame waits for its slot
);
  if (Vectors == 1) begin : gen_single
    logic unused;

    assign free_o    = slot_free_i;
    assign load_o    = slot_i;
    assign take_o    = commit_i;
    assign block_o   = block_i;
    assign group_o   = tag_i;
    assign waiting_o = 1'b0;
    assign unused    = ^{clk_i, rst_ni, full_i, newest_i, any_i, slots_busy_i, finish_i, finish_pair_i};
  end else begin : gen_pairs
    localparam int unsigned CountWidth = $clog2(Frames + 1);

    logic [BlockWidth+TagWidth:0] users[1 << FrameWidth];  // {same block as before, block, tag}
    logic [BlockWidth-1:0] second_block, last_q;
    logic [FrameWidth-1:0] load_q, first_q, second;
    logic [CountWidth-1:0] used_q, waiting_q;
    logic [TagWidth-1:0] first_tag, second_tag;
    logic same, several, pair, newer, settled_q, unused;

    function automatic logic [FrameWidth-1:0] next(input logic [FrameWidth-1:0] frame);
      return (frame == FrameWidth'(Frames - 1)) ? '0 : frame + FrameWidth'(1);
    endfunction

    assign free_o    = used_q != CountWidth'(Frames);
    assign load_o    = load_q;
    assign waiting_o = waiting_q != '0;
    assign second    = next(first_q);
    assign {block_o, first_tag} = (BlockWidth + TagWidth)'(users[first_q]);
    assign {same, second_block, second_tag} = users[second];
    assign unused = ^second_block;

    // H of the first one's block has come, or never will: the last whole one is not older. With both banks
    // taken it cannot come before the vector says, in a slot, that their blocks are over.
    block_newer #(.Width(BlockWidth)) u_newer (.a_i(block_o), .b_i(newest_i), .newer_o(newer));
    always_ff @(posedge clk_i) begin
      settled_q <= rst_ni && any_i && waiting_o && (!newer || full_i == '1) && !take_o;
    end

    // The rule of the pairs; a vector alone in the engine starts at once.
    assign several  = waiting_q > CountWidth'(1);
    assign pair     = several && same;
    assign take_o   = slot_free_i
      && (several || (waiting_o && !slots_busy_i && settled_q));
    assign group_o  = {pair, first_q, second_tag, first_tag};

    always_ff @(posedge clk_i) begin
      if (commit_i) begin
        users[load_q] <= {block_i == last_q, block_i, tag_i};
        last_q        <= block_i;
      end
    end

    // Frames are taken in order, one or two at a time, and freed as their groups finish.
    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        load_q    <= '0;
        first_q   <= '0;
        used_q    <= '0;
        waiting_q <= '0;
      end else begin
        if (commit_i) load_q <= next(load_q);
        if (take_o) first_q <= pair ? next(second) : second;
        used_q    <= used_q + CountWidth'(commit_i) - CountWidth'(finish_i)
          - CountWidth'(finish_i && finish_pair_i);
        waiting_q <= waiting_q + CountWidth'(commit_i) - CountWidth'(take_o)
          - CountWidth'(take_o && pair);
      end
    end

    logic unused_slot;
    assign unused_slot = ^slot_i;
  end
endmodule

`default_nettype wire
