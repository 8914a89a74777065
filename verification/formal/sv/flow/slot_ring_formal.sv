// SPDX-License-Identifier: Apache-2.0
// slot_ring with its block_gate, between two banks of H, vectors in the order of their blocks, and passes that
// end after any time. Slots are taken, started and freed in order, once each; a vector starts with the bank of
// its own block, void exactly if that H never came; a bank is released only when nobody reads it or will; who
// can start does so, and a bank that nobody needs is released, within a bound.
// Blocks count from a first one up to numbers that never wrap; the ring sees four bits. Whether an H came is
// watched for one block, chosen at will.
`default_nettype none

module slot_ring_formal #(
  parameter int unsigned Slots = 2,
  localparam int unsigned BlockWidth = 5
) (
  input  wire logic       clk_i,
  input  wire logic       commit_i,
  input  wire logic [2:0] commit_step_i,  // to the next vector's block
  input  wire logic [1:0] tag_i,
  input  wire logic       fill_i,         // a whole H
  input  wire logic [2:0] fill_step_i,
  input  wire logic       finish_i,
  input  wire logic [1:0] read_slot_i,
  input  wire logic [Slots-1:0] away_i,
  input  wire logic [3:0] first_i,
  input  wire logic [BlockWidth-1:0] chosen_i,
  output logic            bad_slot,
  output logic            bad_start,
  output logic            bad_bank,
  output logic            bad_kept,
  output logic            bad_release,
  output logic            bad_wait
);
  localparam int unsigned SlotWidth = (Slots > 1) ? $clog2(Slots) : 1;

  typedef logic [BlockWidth-1:0] block_t;
  localparam block_t Last = block_t'(24);

  logic begun_q = 1'b0;
  logic commit, free, start, start_void, finish, busy, fill, work;
  logic [Slots-1:0] away;
  logic [1:0] release_now;
  logic [SlotWidth-1:0] load, start_slot, read_slot;
  logic [Slots-1:0] bank, void_slots;
  logic [2*Slots-1:0] tags;
  logic [3:0] read_block;

  // The vectors by their slots: taken, started, what they came with and what they got.
  logic [Slots-1:0] taken_q, started_q, void_q;
  block_t [Slots-1:0] block_q;
  logic [Slots-1:0][1:0] tag_q;
  logic [SlotWidth-1:0] load_q, start_q, oldest_q;
  block_t last_q, block;

  // The banks: full, with which block, and whether there has been one; the chosen block's H came.
  logic [1:0] full_q;
  block_t [1:0] held_q;
  block_t newest, filled;
  logic any_q, fill_bank_q;
  block_t chosen_q;
  logic came_q;
  logic [2:0] start_wait_q, release_wait_q;
  logic waits, ready, idle;

  function automatic logic [SlotWidth-1:0] next(input logic [SlotWidth-1:0] slot);
    return (slot == SlotWidth'(Slots - 1)) ? '0 : slot + SlotWidth'(1);
  endfunction

  // Numbers stay less than half their range apart: of a vector and of the last H, whichever is ahead.
  assign newest = held_q[!fill_bank_q];
  assign block  = last_q + block_t'(commit_step_i);
  assign filled = newest + block_t'(fill_step_i);
  assign commit = begun_q && commit_i && free
    && block < newest + block_t'(8) && newest < block + block_t'(8) && block < Last;
  assign fill   = begun_q && fill_i && !full_q[fill_bank_q] && fill_step_i != '0 && filled < Last
    && filled < (waits ? block_q[start_q] : last_q) + block_t'(8);
  assign finish = begun_q && finish_i && started_q[oldest_q];
  assign waits  = taken_q[start_q] && !started_q[start_q];

  assign read_slot = SlotWidth'(read_slot_i);
  assign away      = away_i & taken_q;

  slot_ring #(.Slots(Slots), .TagWidth(2), .BlockWidth(4)) u_dut (
    .clk_i, .rst_ni(begun_q), .commit_i(commit), .block_i(block[3:0]), .tag_i, .free_o(free),
    .load_o(load), .full_i(full_q), .blocks_i({held_q[1][3:0], held_q[0][3:0]}),
    .newest_i(!fill_bank_q), .any_i(any_q), .release_o(release_now), .start_o(start),
    .start_slot_o(start_slot), .start_void_o(start_void), .finish_i(finish), .bank_o(bank),
    .void_o(void_slots), .tags_o(tags), .read_slot_i(read_slot), .read_block_o(read_block),
    .away_i(away), .work_o(work), .busy_o(busy)
  );

  always_ff @(posedge clk_i) begin
    begun_q <= 1'b1;
    if (!begun_q) begin
      taken_q        <= '0;
      started_q      <= '0;
      load_q         <= '0;
      start_q        <= '0;
      oldest_q       <= '0;
      last_q         <= block_t'(first_i);
      held_q[0]      <= block_t'(8);
      held_q[1]      <= block_t'(8);
      full_q         <= '0;
      any_q          <= 1'b0;
      fill_bank_q    <= 1'b0;
      came_q         <= 1'b0;
      chosen_q       <= chosen_i;
      start_wait_q   <= '0;
      release_wait_q <= '0;
    end else begin
      if (commit) begin
        taken_q[load_q] <= 1'b1;
        block_q[load_q] <= block;
        tag_q[load_q]   <= tag_i;
        load_q          <= next(load_q);
        last_q          <= block;
      end
      if (start) begin
        started_q[start_q] <= 1'b1;
        void_q[start_q]    <= start_void;
        start_q            <= next(start_q);
      end
      if (finish) begin
        taken_q[oldest_q]   <= 1'b0;
        started_q[oldest_q] <= 1'b0;
        oldest_q            <= next(oldest_q);
      end
      full_q <= full_q & ~release_now;
      if (fill) begin
        full_q[fill_bank_q] <= 1'b1;
        held_q[fill_bank_q] <= filled;
        came_q              <= came_q || filled == chosen_q;
        any_q               <= 1'b1;
        fill_bank_q         <= !fill_bank_q;
      end
      start_wait_q   <= (ready && !start) ? start_wait_q + 3'(start_wait_q != '1) : 3'd0;
      release_wait_q <= (idle && release_now == '0) ? release_wait_q + 3'(release_wait_q != '1) : 3'd0;
    end
  end

  // Who waits can start when its H is there or can come no more. When nobody flies, and who waits is not lost
  // and newer than a bank, that bank must go.
  assign ready = waits && any_q && block_q[start_q] <= newest;
  always_comb begin
    idle = 1'b0;
    for (int unsigned b = 0; b < 2; b++) begin
      if (waits && full_q[b] && held_q[b] < block_q[start_q]
          && (block_q[start_q] > newest || held_q[!b] == block_q[start_q])) idle = 1'b1;
    end
    for (int unsigned s = 0; s < Slots; s++) if (started_q[s] && !void_q[s]) idle = 1'b0;
  end

  assign bad_slot  = begun_q && (free != !(&taken_q) || load != load_q || busy != (taken_q != '0)
    || work != ((taken_q & ~away) != '0));
  assign bad_start = begun_q && start && (start_slot != start_q || !waits);
  assign bad_bank  = begun_q && start && block_q[start_q] == chosen_q && start_void == came_q;

  // A vector's bank is said from the cycle behind its start on; it is that of its block, and stays full.
  always_comb begin
    bad_kept = 1'b0;
    for (int unsigned s = 0; s < Slots; s++) begin
      if (begun_q && taken_q[s] && (tags[s*2 +: 2] != tag_q[s]
          || (read_slot == SlotWidth'(s) && read_block != block_q[s][3:0]))) bad_kept = 1'b1;
      if (begun_q && started_q[s] && (void_slots[s] != void_q[s]
          || (!void_q[s] && (!full_q[bank[s]] || held_q[bank[s]] != block_q[s])))) bad_kept = 1'b1;
    end
  end
  always_comb begin
    bad_release = begun_q && (release_now & ~full_q) != '0;
    for (int unsigned s = 0; s < Slots; s++) begin
      for (int unsigned b = 0; b < 2; b++) begin
        if (begun_q && release_now[b] && taken_q[s] && held_q[b] == block_q[s]) bad_release = 1'b1;
      end
    end
  end
  assign bad_wait = begun_q && (start_wait_q > 3'd2 || release_wait_q > 3'd3);
endmodule

`default_nettype wire
