// SPDX-License-Identifier: Apache-2.0
// Issues the engine's passes, one H word a cycle and back to back: the oldest slot first of those that
// can go on. A slot can take its row pass when it starts or when its new state is complete, and its
// column pass when the first result of its row pass is there (the others follow one a cycle, as the
// words do). The last layer's column passes go in the order of the ring, each at a time when the output
// has room (room_i) for a whole vector, which reserve_o then takes.
// With FrontWords > 0 there are column passes alone: a vector's first one over the words 0 … FrontWords - 1
// as soon as it starts, the others over the words from FrontWords on, each as soon as the first result of
// the pass before is there.
// The choice is made a cycle before its pass begins, so that it takes a cycle of its own.
// Latency: a slot that becomes ready in cycle t has its first word issued in t + 3 at the earliest.
`default_nettype none

module dispatcher #(
  parameter int unsigned Slots  = 4,
  parameter int unsigned Layers = 5,
  parameter int unsigned Words  = 32,
  parameter int unsigned Groups = 32,
  parameter int unsigned FrontWords = 0,
  localparam int unsigned SlotWidth = (Slots > 1) ? $clog2(Slots) : 1,
  localparam int unsigned LayerWidth = (Layers > 1) ? $clog2(Layers) : 1,
  localparam int unsigned WordWidth = (Words > 1) ? $clog2(Words) : 1
) (
  input  wire logic                  clk_i,
  input  wire logic                  rst_ni,
  input  wire logic                  start_i,   // a vector enters its first layer
  input  wire logic [SlotWidth-1:0]  start_slot_i,
  input  wire logic                  result_i,  // the first result of a pass is being stored
  input  wire logic [SlotWidth-1:0]  result_slot_i,
  input  wire logic                  state_i,   // the last group of a new state is being stored
  input  wire logic [SlotWidth-1:0]  state_slot_i,
  input  wire logic                  room_i,
  output logic                       reserve_o,
  output logic                       valid_o,
  output logic                       column_o,
  output logic      [SlotWidth-1:0]  slot_o,
  output logic      [LayerWidth-1:0] layer_o,
  output logic      [WordWidth-1:0]  word_o
);
  localparam int unsigned Gap = (Groups > 2) ? Groups - 2 : 0;
  localparam int unsigned GapWidth = (Gap > 0) ? $clog2(Gap + 1) : 1;
  localparam logic [GapWidth:0] Drained = {1'b1, GapWidth'(0)};
  localparam logic [LayerWidth-1:0] LastLayer = LayerWidth'(Layers - 1);

  localparam bit ColumnsOnly = FrontWords > 0;

  if (Layers < 1 || Words < 1 || Groups < 1) begin : gen_bad_size
    $error("dispatcher: Layers, Words and Groups must be at least 1");
  end

  logic [Slots-1:0] row_ready_q, column_ready_q, last_q, open;
  logic [Slots-1:0][LayerWidth-1:0] layer_q;
  logic [GapWidth:0] gap_q;
  logic [SlotWidth-1:0] choice, pick_slot, oldest_q, next_oldest, next_slot;
  logic [LayerWidth-1:0] pick_layer;
  logic drained, ending, take, found, found_q, pick, pick_column, next_layer;

  // A column pass may start when its sums will find the holding register drained; the last layer's only
  // in order, which is the oldest slot's, and with room for its output. That one goes first.
  assign drained = gap_q[GapWidth];
  assign open    = row_ready_q | (column_ready_q & ~last_q & {Slots{drained}});
  assign ending  = column_ready_q[oldest_q] && last_q[oldest_q] && drained && room_i;

  // A pass gives way to the next one in its last word, so that no cycle lies between two passes.
  assign take = !valid_o || word_o == WordWidth'(Words - 1)
    || (ColumnsOnly && word_o == WordWidth'(FrontWords - 1));

  // The oldest slot with an open pass wins; a slot never has both passes open.
  oldest_first #(.Slots(Slots)) u_choice (
    .open_i(open), .oldest_i(oldest_q),
    .pick_o(found), .slot_o(choice), .next_oldest_o(next_oldest)
  );

  // What is open stays open until a pass is picked: then the choice beside it is void.
  always_ff @(posedge clk_i) begin
    found_q   <= rst_ni && (ending || found) && !pick;
    pick_slot <= ending ? oldest_q : choice;
  end

  assign pick        = found_q && take;
  assign pick_column = ColumnsOnly || column_ready_q[pick_slot];
  assign pick_layer  = layer_q[pick_slot];
  assign reserve_o   = pick && pick_column && last_q[pick_slot];

  // A slot that has its last pass leaves the head of the order to the next one in the ring.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) oldest_q <= '0;
    else if (reserve_o) oldest_q <= next_oldest;
  end

  // The pass at work, word by word.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_o <= 1'b0;
      word_o  <= '0;
    end else if (take) begin
      valid_o <= pick;
      word_o  <= (pick_layer == '0) ? '0 : WordWidth'(FrontWords);
    end else begin
      word_o <= word_o + WordWidth'(1);
    end
  end

  always_ff @(posedge clk_i) begin
    if (take) begin
      column_o <= pick_column;
      slot_o   <= pick_slot;
      layer_o  <= pick_layer;
    end
  end

  // After a column pass is picked, the next one must stay Groups cycles away from it; a choice takes one
  // of them. The count ends at its uppermost bit.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) gap_q <= Drained;
    else if (pick && pick_column) gap_q <= Drained - (GapWidth + 1)'(Gap);
    else if (!drained) gap_q <= gap_q + (GapWidth + 1)'(1);
  end

  // A slot waits for one pass at a time: row, column, row, … A complete state opens the next layer, the
  // first result in column passes alone.
  assign next_layer = ColumnsOnly ? result_i : state_i;
  assign next_slot  = ColumnsOnly ? result_slot_i : state_slot_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      row_ready_q    <= '0;
      column_ready_q <= '0;
    end else begin
      if (pick && !pick_column) row_ready_q[pick_slot] <= 1'b0;
      if (pick && pick_column) column_ready_q[pick_slot] <= 1'b0;
      if (start_i && !ColumnsOnly) row_ready_q[start_slot_i] <= 1'b1;
      if (start_i && ColumnsOnly) column_ready_q[start_slot_i] <= 1'b1;
      if (next_layer && !ColumnsOnly) row_ready_q[next_slot] <= 1'b1;
      if (result_i) column_ready_q[result_slot_i] <= 1'b1;
    end
  end

  // Layers count from 0 when a vector starts; whether one is the last is known with it.
  always_ff @(posedge clk_i) begin
    for (int unsigned s = 0; s < Slots; s++) begin
      if (start_i && start_slot_i == SlotWidth'(s)) begin
        layer_q[s] <= '0;
        last_q[s]  <= Layers == 1;
      end else if (next_layer && next_slot == SlotWidth'(s)) begin
        layer_q[s] <= layer_q[s] + LayerWidth'(1);
        last_q[s]  <= layer_q[s] + LayerWidth'(1) == LastLayer;
      end
    end
  end
endmodule

`default_nettype wire
