// SPDX-License-Identifier: Apache-2.0
// output_buffer, filled in order where a place was reserved: each frame leaves once, in order and whole, with
// its own user and TLAST on its last column; it stays while it is stalled, and waits for nothing but the
// reader. One column of one frame, chosen at will, is followed through the buffer.
`default_nettype none

module output_buffer_formal #(
  parameter int unsigned Places       = 2,
  parameter int unsigned Vectors      = 1,
  parameter int unsigned Groups       = 2,
  parameter int unsigned GroupColumns = 2,
  parameter int unsigned Width        = 2
) (
  input  wire logic                                  clk_i,
  input  wire logic                                  reserve_i,
  input  wire logic                                  group_i,
  input  wire logic                                  pair_i,
  input  wire logic [Vectors*GroupColumns*Width-1:0] data_i,
  input  wire logic [Vectors*2-1:0]                  user_i,
  input  wire logic                                  ready_i,
  input  wire logic                                  mark_i,
  input  wire logic [3:0]                            column_i,
  output logic                                       bad_room,
  output logic                                       bad_frame,
  output logic                                       bad_column,
  output logic                                       bad_last,
  output logic                                       bad_stall,
  output logic                                       bad_wait
);
  localparam int unsigned Columns = Groups * GroupColumns;
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1;

  logic begun_q = 1'b0;
  logic reserve, room, filling, group_end, pair, pair_q, valid, last, busy, leaves, frame_ends;
  logic marking_q, marked_q, stalled_q, last_last_q;
  logic [Vectors-1:0] group_valid;
  logic [GroupWidth-1:0] group_q;
  logic [Width-1:0] data, last_data_q, word_q;
  logic [1:0] user, last_user_q, user_q;
  logic [4:0] reserved_q;   // places asked for that wait for their first group
  logic [4:0] complete_q;   // frames in the buffer or its register
  logic [4:0] ahead_q;      // of them those before the marked one
  logic [4:0] column_q;     // of the frame that leaves
  logic [4:0] chosen_q;
  logic second_q;           // the marked frame is the second of a pair
  logic [1:0] waited_q;

  assign reserve   = begun_q && reserve_i && room;
  assign filling   = begun_q && group_i && (reserved_q != '0 || group_q != '0);
  assign group_end = filling && group_q == GroupWidth'(Groups - 1);
  assign pair      = (Vectors > 1) && ((group_q == '0) ? pair_i : pair_q);
  assign leaves    = valid && ready_i;
  assign frame_ends = leaves && column_q == 5'(Columns - 1);

  if (Vectors == 1) begin : gen_one
    assign group_valid = filling;
  end else begin : gen_two
    assign group_valid = {filling && pair, filling};
  end

  output_buffer #(
    .Places(Places), .Vectors(Vectors), .Groups(Groups), .GroupColumns(GroupColumns),
    .Width(Width), .UserWidth(2)
  ) u_dut (
    .clk_i, .rst_ni(begun_q), .reserve_i(reserve), .room_o(room), .open_i(group_end), .void_i(1'b0),
    .group_valid_i(group_valid),
    .group_i(group_q), .group_data_i(data_i), .user_i, .valid_o(valid), .ready_i, .data_o(data),
    .user_o(user), .last_o(last), .busy_o(busy)
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
    end else begin
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
        user_q    <= (second && Vectors > 1) ? user_i[(Vectors-1)*2 +: 2] : user_i[1:0];
        ahead_q   <= complete_q - 5'(frame_ends) + 5'(second);
      end else if (marked_q && frame_ends) begin
        if (ahead_q == '0) marked_q <= 1'b0;
        else ahead_q <= ahead_q - 5'd1;
      end

      stalled_q   <= valid && !ready_i;
      last_data_q <= data;
      last_user_q <= user;
      last_last_q <= last;
      waited_q    <= (complete_q != '0 && !valid && waited_q != 2'd3) ? waited_q + 2'd1 : 2'd0;
    end
  end

  // A place is taken from its reservation until the last column of its last frame leaves for the register.
  logic at_mark;
  assign at_mark    = begun_q && marked_q && ahead_q == '0 && valid;
  assign bad_room   = begun_q && ((room && reserved_q >= 5'(Places))
    || (!room && reserved_q == '0 && complete_q == '0 && group_q == '0)
    || (!busy && (reserved_q != '0 || complete_q != '0 || group_q != '0)));
  assign bad_frame  = begun_q && valid && complete_q == '0;
  assign bad_column = at_mark && (user != user_q || (column_q == chosen_q && data != word_q));
  assign bad_last   = begun_q && valid && last != (column_q == 5'(Columns - 1));
  assign bad_stall  = begun_q && stalled_q
    && (!valid || data != last_data_q || user != last_user_q || last != last_last_q);
  assign bad_wait   = begun_q && waited_q >= 2'd2;
endmodule

`default_nettype wire
