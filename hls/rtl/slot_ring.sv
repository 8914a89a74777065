// SPDX-License-Identifier: Apache-2.0
// The vectors' places. A slot is taken by a whole frame of y (commit_i), started once the H of its
// parity is complete, and freed when its last column pass has been drained (finish_i); all three in the
// order of arrival, around a ring. The parity rule: a vector of the current parity starts when its bank
// is full; one of the other parity opens the next block, when that bank is full and the bank before has
// been released, which happens as soon as the last vector that reads it has finished.
// Latency: a slot that can start does so two cycles after its commit.
`default_nettype none

module slot_ring #(
  parameter int unsigned Slots    = 4,
  parameter int unsigned TagWidth = 6,
  localparam int unsigned SlotWidth = (Slots > 1) ? $clog2(Slots) : 1
) (
  input  wire logic                      clk_i,
  input  wire logic                      rst_ni,
  input  wire logic                      commit_i,
  input  wire logic                      parity_i,
  input  wire logic [TagWidth-1:0]       tag_i,
  output logic                           free_o,        // load_o is free: a frame may be written there
  output logic      [SlotWidth-1:0]      load_o,
  input  wire logic [1:0]                full_i,
  output logic      [1:0]                release_o,
  output logic                           start_o,
  output logic      [SlotWidth-1:0]      start_slot_o,
  input  wire logic                      finish_i,
  output logic      [Slots-1:0]          parity_o,
  output logic      [Slots*TagWidth-1:0] tags_o,
  output logic                           busy_o
);
  localparam int unsigned CountWidth = $clog2(Slots + 1);

  if (Slots < 1) begin : gen_bad_slots
    $error("slot_ring: Slots must be at least 1");
  end

  logic [SlotWidth-1:0] load_q, start_q, oldest_q;
  logic [CountWidth-1:0] used_q, waiting_q;
  logic [Slots-1:0] parity_q;
  logic [Slots*TagWidth-1:0] tags_q;
  logic [1:0][CountWidth-1:0] flying_q;  // started and not finished, by parity
  logic current_q, releasing_q, parity, parity_now, may_start, release_now;

  function automatic logic [SlotWidth-1:0] next(input logic [SlotWidth-1:0] slot);
    return (slot == SlotWidth'(Slots - 1)) ? '0 : slot + SlotWidth'(1);
  endfunction

  assign free_o       = used_q != CountWidth'(Slots);
  assign load_o       = load_q;
  assign start_slot_o = start_q;
  assign parity_o     = parity_q;
  assign tags_o       = tags_q;
  assign busy_o       = used_q != '0;

  // The parity rule; a second flip waits until the bank before the first one is released.
  assign parity_now = parity_q[start_q];
  assign may_start  = waiting_q != '0 && full_i[parity_now]
    && (parity_now == current_q || !releasing_q);

  // What may start may still do so a cycle later, unless a start has moved on meanwhile.
  always_ff @(posedge clk_i) begin
    start_o <= rst_ni && may_start && !start_o;
    parity  <= parity_now;
  end

  // The bank before goes when no vector reads it any more.
  assign release_now = releasing_q && flying_q[!current_q] == '0;
  assign release_o   = {release_now && !current_q, release_now && current_q};

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      current_q   <= 1'b0;
      releasing_q <= 1'b0;
    end else if (start_o && parity != current_q) begin
      current_q   <= parity;
      releasing_q <= 1'b1;
    end else if (release_now) begin
      releasing_q <= 1'b0;
    end
  end

  // Each of the three events moves its own pointer around the ring.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      load_q    <= '0;
      start_q   <= '0;
      oldest_q  <= '0;
      used_q    <= '0;
      waiting_q <= '0;
    end else begin
      if (commit_i) load_q <= next(load_q);
      if (start_o) start_q <= next(start_q);
      if (finish_i) oldest_q <= next(oldest_q);
      used_q    <= used_q + CountWidth'(commit_i) - CountWidth'(finish_i);
      waiting_q <= waiting_q + CountWidth'(commit_i) - CountWidth'(start_o);
    end
  end

  // Vectors in flight are counted for each parity: both can be at work for a while.
  always_ff @(posedge clk_i) begin
    for (int unsigned p = 0; p < 2; p++) begin
      if (!rst_ni) flying_q[p] <= '0;
      else flying_q[p] <= flying_q[p]
        + CountWidth'(start_o && parity == 1'(p))
        - CountWidth'(finish_i && parity_q[oldest_q] == 1'(p));
    end
  end

  // A slot keeps its parity and tag from its commit until it is freed.
  always_ff @(posedge clk_i) begin
    for (int unsigned s = 0; s < Slots; s++) begin
      if (commit_i && load_q == SlotWidth'(s)) begin
        parity_q[s] <= parity_i;
        tags_q[s*TagWidth +: TagWidth] <= tag_i;
      end
    end
  end
endmodule

`default_nettype wire
