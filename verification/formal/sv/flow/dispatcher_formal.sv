// SPDX-License-Identifier: Apache-2.0
// dispatcher, between an engine that answers its passes after any time and an output with room now and then.
// Every pass is issued once, whole, word by word, and only when its slot can take it: row, column, row, …
// through the layers. Last column passes go in the order of the ring and with room alone; column passes begin
// at least Groups cycles apart; no pass waits for ever.
`default_nettype none

module dispatcher_formal #(
  parameter int unsigned Slots      = 2,
  parameter int unsigned Layers     = 2,
  parameter int unsigned Words      = 2,
  parameter int unsigned Groups     = 3,
  parameter int unsigned FrontWords = 0
) (
  input  wire logic       clk_i,
  input  wire logic       start_i,
  input  wire logic       result_i,
  input  wire logic       state_i,
  input  wire logic       room_i,
  input  wire logic [2:0] result_slot_i,
  input  wire logic [2:0] state_slot_i,
  output logic            bad_pass,
  output logic            bad_word,
  output logic            bad_order,
  output logic            bad_gap,
  output logic            bad_wait
);
  localparam int unsigned SlotWidth = (Slots > 1) ? $clog2(Slots) : 1;
  localparam int unsigned LayerWidth = (Layers > 1) ? $clog2(Layers) : 1;
  localparam int unsigned WordWidth = (Words > 1) ? $clog2(Words) : 1;
  localparam bit ColumnsOnly = FrontWords > 0;
  localparam int unsigned Patience = Words + Groups + 3;

  // A slot is free, waits for a pass, or waits for what the pass brings.
  typedef enum logic [2:0] {Free, RowDue, RowOut, ColumnDue, ColumnOut} phase_e;

  logic begun_q = 1'b0;
  logic start, result, state, reserve, valid, column, first, last_word, done;
  logic [Slots-1:0][2:0] phase_q;
  logic [Slots-1:0][LayerWidth-1:0] layer_q;
  logic [SlotWidth-1:0] load_q, oldest_q, slot, running_q, result_slot, state_slot;
  logic [LayerWidth-1:0] layer;
  logic [WordWidth-1:0] word, word_q;
  logic inside_q, running_column_q, room_q;
  logic [7:0] waited_q, since_q;
  logic due;

  assign result_slot = SlotWidth'(result_slot_i);
  assign state_slot  = SlotWidth'(state_slot_i);
  assign start       = begun_q && start_i && phase_q[load_q] == Free;
  assign result      = begun_q && result_i && 32'(result_slot) < Slots
    && phase_q[result_slot] == (ColumnsOnly ? ColumnOut : RowOut)
    && (!ColumnsOnly || layer_q[result_slot] != LayerWidth'(Layers - 1));
  assign state       = begun_q && state_i && !ColumnsOnly && 32'(state_slot) < Slots
    && phase_q[state_slot] == ColumnOut && layer_q[state_slot] != LayerWidth'(Layers - 1);

  dispatcher #(
    .Slots(Slots), .Layers(Layers), .Words(Words), .Groups(Groups), .FrontWords(FrontWords)
  ) u_dut (
    .clk_i, .rst_ni(begun_q), .start_i(start), .start_slot_i(load_q), .result_i(result),
    .result_slot_i(result_slot), .state_i(state), .state_slot_i(state_slot), .room_i(room_q),
    .reserve_o(reserve), .valid_o(valid), .column_o(column), .slot_o(slot), .layer_o(layer),
    .word_o(word)
  );

  // The words of a pass: all of them, or with FrontWords those in front in layer 0, the others later.
  logic [7:0] from, behind;
  assign from   = (ColumnsOnly && layer != '0) ? 8'(FrontWords) : 8'd0;
  assign behind = (ColumnsOnly && layer == '0) ? 8'(FrontWords) : 8'(Words);
  assign first     = begun_q && valid && !inside_q;
  assign last_word = begun_q && valid && 8'(word) == behind - 8'd1;
  assign done      = first && column && layer == LayerWidth'(Layers - 1);

  always_comb begin
    due = 1'b0;
    for (int unsigned s = 0; s < Slots; s++) begin
      if (phase_q[s] == RowDue || (phase_q[s] == ColumnDue
          && (layer_q[s] != LayerWidth'(Layers - 1) || SlotWidth'(s) == oldest_q))) due = 1'b1;
    end
  end

  function automatic logic [SlotWidth-1:0] next(input logic [SlotWidth-1:0] place);
    return (place == SlotWidth'(Slots - 1)) ? '0 : place + SlotWidth'(1);
  endfunction

  always_ff @(posedge clk_i) begin
    begun_q <= 1'b1;
    if (!begun_q) begin
      for (int unsigned s = 0; s < Slots; s++) phase_q[s] <= Free;
      load_q   <= '0;
      oldest_q <= '0;
      inside_q <= 1'b0;
      waited_q <= '0;
      since_q  <= '1;
      room_q   <= 1'b0;
    end else begin
      if (first) phase_q[slot] <= !column ? RowOut : done ? Free : ColumnOut;
      if (done) oldest_q <= next(oldest_q);
      if (start) begin
        phase_q[load_q] <= ColumnsOnly ? ColumnDue : RowDue;
        layer_q[load_q] <= '0;
        load_q          <= next(load_q);
      end
      if (result) begin
        phase_q[result_slot] <= ColumnDue;
        if (ColumnsOnly) layer_q[result_slot] <= layer_q[result_slot] + LayerWidth'(1);
      end
      if (state) begin
        phase_q[state_slot] <= RowDue;
        layer_q[state_slot] <= layer_q[state_slot] + LayerWidth'(1);
      end
      if (first && column) since_q <= 8'd1;
      else if (since_q != '1) since_q <= since_q + 8'd1;
      // Room stays until it is taken.
      room_q           <= (room_q && !reserve) || room_i;
      inside_q         <= valid && !last_word;
      word_q           <= word;
      running_q        <= slot;
      running_column_q <= column;
      // With room all the time something that can go on does so.
      waited_q <= (due && room_q && !first) ? waited_q + 8'(!(&waited_q)) : 8'd0;
    end
  end

  assign bad_pass  = first && (32'(slot) >= Slots || layer != layer_q[slot]
    || phase_q[slot] != (column ? ColumnDue : RowDue));
  assign bad_word  = begun_q && ((first && 8'(word) != from) || (valid && 8'(word) >= behind)
    || (inside_q && (!valid || word != word_q + WordWidth'(1) || slot != running_q
      || column != running_column_q)));
  assign bad_order = (done && slot != oldest_q) || (begun_q && reserve && !room_q);
  assign bad_gap   = first && column && since_q < 8'(Groups);
  // Before the first column pass no gap is due, whatever there was before the reset.
  assign bad_wait  = begun_q && waited_q
    > ((since_q != '1) ? 8'(Patience) : ColumnsOnly ? 8'd3 : 8'(Words + 3));
endmodule

`default_nettype wire
