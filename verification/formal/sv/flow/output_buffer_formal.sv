// SPDX-License-Identifier: Apache-2.0
// output_buffer, filled in order where a place is free: each frame leaves once, in order and whole, with TLAST
// on its last column; it says from which place and vector it starts, does not start while it is held, stays
// while it is stalled, and waits for nothing else but the reader; a place is kept until its last column
// leaves. One column of one frame, chosen at will, is followed through the buffer.
`default_nettype none

module output_buffer_formal #(
  parameter int unsigned Places       = 2,
  parameter int unsigned Vectors      = 1,
  parameter int unsigned Groups       = 2,
  parameter int unsigned GroupColumns = 2,
  parameter int unsigned Short        = 0,  // columns that the last group lacks
  parameter int unsigned Width        = 2
) (
  input  wire logic                                  clk_i,
  input  wire logic                                  reserve_i,
  input  wire logic                                  group_i,
  input  wire logic                                  pair_i,
  input  wire logic [Vectors*GroupColumns*Width-1:0] data_i,
  input  wire logic                                  hold_i,
  input  wire logic                                  ready_i,
  input  wire logic                                  mark_i,
  input  wire logic [3:0]                            column_i,
  output logic                                       bad_place,
  output logic                                       bad_frame,
  output logic                                       bad_column,
  output logic                                       bad_last,
  output logic                                       bad_start,
  output logic                                       bad_stall,
  output logic                                       bad_wait
);
  localparam int unsigned Columns = Groups * GroupColumns - Short;
  localparam int unsigned PlaceWidth = $clog2(Places);
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1;

  logic begun_q = 1'b0;
  logic reserve, filling, group_end, pair, pair_q, valid, last, leaves, frame_ends, start, at_second;
  logic marking_q, marked_q, stalled_q, last_last_q;
  logic [PlaceWidth:0] write_q, read, held;
  logic [PlaceWidth-1:0] place, turn_q;  // from which a frame starts, and should
  logic [Places-1:0] pairs_q;
  logic turn_second_q, began_q;
  logic [GroupWidth-1:0] group_q;
  logic [Width-1:0] data, last_data_q, word_q;
  logic [4:0] reserved_q;   // places asked for that wait for their first group
  logic [4:0] complete_q;   // frames in the buffer or its register
  logic [4:0] ahead_q;      // of them those before the marked one
  logic [4:0] column_q;     // of the frame that leaves
  logic [4:0] chosen_q;
  logic second_q;           // the marked frame is the second of a pair
  logic [1:0] waited_q;

  assign held      = write_q - read;
  assign reserve   = begun_q && reserve_i && 5'(held) + reserved_q + 5'(group_q != '0) < 5'(Places);
  assign filling   = begun_q && group_i && (reserved_q != '0 || group_q != '0);
  assign group_end = filling && group_q == GroupWidth'(Groups - 1);
  assign pair      = (Vectors > 1) && ((group_q == '0) ? pair_i : pair_q);
  assign leaves    = valid && ready_i;
  assign frame_ends = leaves && column_q == 5'(Columns - 1);

  output_buffer #(
    .Places(Places), .Vectors(Vectors), .Groups(Groups), .GroupColumns(GroupColumns), .Width(Width),
    .Columns(Columns)
  ) u_dut (
    .clk_i, .rst_ni(begun_q), .write_i(write_q), .pairs_i(pairs_q), .group_valid_i(filling),
    .group_i(group_q), .group_data_i(data_i), .read_o(read), .hold_i, .start_o(start), .place_o(place),
    .second_o(at_second), .valid_o(valid), .ready_i, .data_o(data), .last_o(last)
  );

  // What goes in and comes out is counted; the marked column is kept as it goes in.
  logic starts_mark, marking;
  logic [4:0] chosen;
  logic second;
  assign starts_mark = filling && group_q == '0 && mark_i && !marked_q && !marking_q;
  assign marking     = starts_mark || (marking_q && filling);
  assign chosen      = starts_mark ? 5'(column_i) : chosen_q;
  assign second      = starts_mark ? (pair && column_i[3]) : second_q;

  always_ff @(posedge clk_i) begin
    begun_q <= 1'b1;
    if (!begun_q) begin
      reserved_q <= '0;
      complete_q <= '0;
      column_q   <= '0;
      group_q    <= '0;
      marking_q  <= 1'b0;
      marked_q   <= 1'b0;
      stalled_q  <= 1'b0;
      waited_q   <= '0;
      write_q    <= '0;
      turn_q     <= '0;
      began_q    <= 1'b0;
      turn_second_q <= 1'b0;
    end else begin
      if (group_end) write_q <= write_q + (PlaceWidth + 1)'(1);
      if (group_end) pairs_q[write_q[PlaceWidth-1:0]] <= pair;
      if (start) begin
        turn_second_q <= pairs_q[turn_q] && !turn_second_q;
        if (!pairs_q[turn_q] || turn_second_q) turn_q <= turn_q + PlaceWidth'(1);
      end
      began_q <= start;
      reserved_q <= reserved_q + 5'(reserve) - 5'(filling && group_q == '0);
      complete_q <= complete_q + 5'(group_end) + 5'(group_end && pair) - 5'(frame_ends);
      if (filling) group_q <= group_end ? '0 : group_q + GroupWidth'(1);
      if (filling) pair_q <= pair;
      if (leaves) column_q <= frame_ends ? '0 : column_q + 5'd1;

      if (starts_mark) begin
        marking_q <= 1'b1;
        second_q  <= pair && column_i[3];
        chosen_q  <= 5'(column_i) & 5'd7;
      end
      if (marking) begin
        for (int unsigned c = 0; c < GroupColumns; c++) begin
          if (5'(group_q) * 5'(GroupColumns) + 5'(c) == (chosen & 5'd7)) begin
            word_q <= (second && Vectors > 1)
              ? data_i[((Vectors-1)*GroupColumns+c)*Width +: Width] : data_i[c*Width +: Width];
          end
        end
      end
      if (marking && group_end) begin
        marking_q <= 1'b0;
        marked_q  <= 1'b1;
        ahead_q   <= complete_q - 5'(frame_ends) + 5'(second);
      end else if (marked_q && frame_ends) begin
        if (ahead_q == '0) marked_q <= 1'b0;
        else ahead_q <= ahead_q - 5'd1;
      end

      stalled_q   <= valid && !ready_i;
      last_data_q <= data;
      last_last_q <= last;
      waited_q    <= (complete_q != '0 && !valid && !(hold_i && column_q == '0) && waited_q != 2'd3) ? waited_q + 2'd1 : 2'd0;
    end
  end

  // A first column in the register has been announced the cycle before, and no other one has.
  logic at_mark, first, stays;
  assign at_mark    = begun_q && marked_q && ahead_q == '0 && valid;
  assign stays      = stalled_q && valid;
  assign first      = valid && column_q == '0 && !stays;
  assign bad_place  = begun_q && (5'(held) > 5'(Places) || 5'(held) > complete_q
    || (held == '0 && complete_q > 5'd1));
  assign bad_start  = begun_q && (first != began_q || (start && hold_i)
    || (start && (place != turn_q || at_second != turn_second_q)));
  assign bad_frame  = begun_q && valid && complete_q == '0;
  assign bad_column = at_mark && column_q == chosen_q && data != word_q;
  assign bad_last   = begun_q && valid && last != (column_q == 5'(Columns - 1));
  assign bad_stall  = begun_q && stalled_q
    && (!valid || data != last_data_q || last != last_last_q);
  assign bad_wait   = begun_q && waited_q >= 2'd2;
endmodule

`default_nettype wire
