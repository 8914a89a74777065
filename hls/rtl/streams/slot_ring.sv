// SPDX-License-Identifier: Apache-2.0
// The vectors' places. A slot is taken by a whole frame of y (commit_i), started when it is known which H
// the vector gets (block_gate), and freed when its last column pass has been drained (finish_i); all three
// in the order of arrival, around a ring. A void vector, whose H is lost, has its passes like any other.
// work_o: a slot is taken that is not away (away_i, taken slots alone).
// Latency: a slot that can start does so three cycles after its commit; combinational from read_slot_i.
`default_nettype none

module slot_ring #(
  parameter int unsigned Slots      = 4,
  parameter int unsigned TagWidth   = 6,
  parameter int unsigned BlockWidth = 16,
  localparam int unsigned SlotWidth = (Slots > 1) ? $clog2(Slots) : 1
) (
  input  wire logic                      clk_i,
  input  wire logic                      rst_ni,
  input  wire logic                      commit_i,
  input  wire logic [BlockWidth-1:0]     block_i,
  input  wire logic [TagWidth-1:0]       tag_i,
  output logic                           free_o,        // load_o is free: a frame may be written there
  output logic      [SlotWidth-1:0]      load_o,
  input  wire logic [1:0]                full_i,        // of the banks of H
  input  wire logic [2*BlockWidth-1:0]   blocks_i,
  input  wire logic                      newest_i,
  input  wire logic                      any_i,
  output logic      [1:0]                release_o,
  output logic                           start_o,
  output logic      [SlotWidth-1:0]      start_slot_o,
  output logic                           start_void_o,
  input  wire logic                      finish_i,
  output logic      [Slots-1:0]          bank_o,
  output logic      [Slots-1:0]          void_o,
  output logic      [Slots*TagWidth-1:0] tags_o,
  input  wire logic [SlotWidth-1:0]      read_slot_i,
  output logic      [BlockWidth-1:0]     read_block_o,
  input  wire logic [Slots-1:0]          away_i,
  output logic                           work_o,
  output logic                           busy_o
);
  localparam int unsigned CountWidth = $clog2(Slots + 1);

  logic [BlockWidth-1:0] blocks[1 << SlotWidth];
  logic [SlotWidth-1:0] load_q, start_q, oldest_q;
  logic [CountWidth-1:0] used_q, waiting_q, away;
  logic [1:0] finish;
  logic start_bank;

  function automatic logic [SlotWidth-1:0] next(input logic [SlotWidth-1:0] slot);
    return (slot == SlotWidth'(Slots - 1)) ? '0 : slot + SlotWidth'(1);
  endfunction

  assign free_o       = used_q != CountWidth'(Slots);
  assign load_o       = load_q;
  assign start_slot_o = start_q;
  assign busy_o       = used_q != '0;
  assign read_block_o = blocks[read_slot_i];
  assign work_o       = used_q != away;
  assign finish       = (finish_i && !void_o[oldest_q]) ? {bank_o[oldest_q], !bank_o[oldest_q]} : '0;

  always_comb begin
    away = '0;
    for (int unsigned s = 0; s < Slots; s++) away += CountWidth'(away_i[s]);
  end

  block_gate #(.BlockWidth(BlockWidth), .CountWidth(CountWidth)) u_gate (
    .clk_i, .rst_ni, .head_valid_i(waiting_q != '0), .head_block_i(blocks[start_q]),
    .full_i, .blocks_i, .newest_i, .any_i, .release_o,
    .start_o, .start_bank_o(start_bank), .start_void_o, .finish_i(finish)
  );

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

  // A slot keeps its block and tag from its commit, its bank from its start, until it is freed.
  always_ff @(posedge clk_i) begin
    if (commit_i) blocks[load_q] <= block_i;
    for (int unsigned s = 0; s < Slots; s++) begin
      if (commit_i && load_q == SlotWidth'(s)) tags_o[s*TagWidth +: TagWidth] <= tag_i;
      if (start_o && start_q == SlotWidth'(s)) begin
        bank_o[s] <= start_bank;
        void_o[s] <= start_void_o;
      end
    end
  end
endmodule

`default_nettype wire
