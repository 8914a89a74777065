// SPDX-License-Identifier: Apache-2.0
// output_streams with soft bits, filled in order where a place was reserved: a vector that is not void leaves
// once on each stream, in order and whole, with its user, each stream stays while it is stalled and waits for
// no other reader, and places are given where both have one. A vector may be opened at any time up to its last
// group. All of one vector, chosen at will, is followed through both buffers. Stream 0 is x, 1 is llr.
`default_nettype none

module output_streams_formal #(
  parameter int unsigned Places       = 2,
  parameter int unsigned Vectors      = 1,
  parameter int unsigned Groups       = 2,
  parameter int unsigned GroupColumns = 1,
  localparam int unsigned Width = 8  // two soft bits of 2, two bits, a state of 2
) (
  input  wire logic                          clk_i,
  input  wire logic                          reserve_i,
  input  wire logic                          group_i,
  input  wire logic                          open_i,
  input  wire logic                          void_i,
  input  wire logic                          pair_i,
  input  wire logic [Vectors*GroupColumns*Width-1:0] data_i,
  input  wire logic [Vectors*2-1:0]          user_i,
  input  wire logic [1:0]                    ready_i,
  input  wire logic                          mark_i,
  input  wire logic                          second_i,
  output logic                               bad_room,
  output logic [1:0]                         bad_frame,
  output logic [1:0]                         bad_column,
  output logic [1:0]                         bad_last,
  output logic [1:0]                         bad_stall,
  output logic [1:0]                         bad_wait
);
  localparam int unsigned Columns = Groups * GroupColumns;
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1;
  localparam int unsigned ColumnWidth = $clog2(Columns + 1);

  logic begun_q = 1'b0;
  logic reserve, room, filling, group_end, busy, starts_mark, marking, marking_q, idle;
  logic open, lost, leaving, pair, pair_q, second, second_q;
  logic [Vectors-1:0] group_valid;
  logic [Vectors*2-1:0] users_q[8], users_now;  // of what is opened, in order
  logic [2:0] opened_q, closed_q;
  logic [3:0] waiting;                     // opened, and not complete
  logic [1:0] valid, last, leaves, frame_ends, marked_q, stalled_q, last_last_q, at_mark;
  logic [GroupWidth-1:0] group_q;
  logic [15:0] x, llr, last_x_q, last_llr_q;
  logic [1:0][1:0] user, last_user_q;
  logic [Columns-1:0][Width-1:0] frame_q;  // the marked vector's columns
  logic [1:0] user_q;
  logic [3:0] reserved_q;                  // places asked for whose last group is to come
  logic [3:0] idle_q;
  logic [1:0][3:0] complete_q, ahead_q;    // of each stream: vectors to leave; those before the marked one
  logic [1:0][3:0] waited_q;
  logic [1:0][ColumnWidth-1:0] column_q;

  assign reserve    = begun_q && reserve_i && room;
  assign filling    = begun_q && group_i && reserved_q != '0;
  assign group_end  = filling && group_q == GroupWidth'(Groups - 1);
  assign leaves     = valid & ready_i;

  // A void vector is not opened; what is opened is a vector's whose last group is to come.
  assign waiting = 4'(3'(opened_q - closed_q));
  assign open    = begun_q && open_i && waiting < reserved_q;
  assign lost    = void_i ? waiting + 4'(open) < reserved_q : waiting + 4'(open) == '0;
  assign leaving = group_end && !lost;
  assign pair    = (Vectors > 1) && ((group_q == '0) ? pair_i : pair_q);
  assign second  = starts_mark ? pair && second_i : second_q;
  assign users_now = (waiting == '0) ? user_i : users_q[closed_q];

  if (Vectors == 1) begin : gen_one
    assign group_valid = filling;
  end else begin : gen_two
    assign group_valid = {filling && pair, filling};
  end

  output_streams #(
    .Period(1), .Held(Places), .Vectors(Vectors), .Groups(Groups), .GroupColumns(GroupColumns), .StateWidth(2), .CodeWidth(0),
    .BitsWidth(2), .LlrWidth(2), .UserWidth(2)
  ) u_dut (
    .clk_i, .rst_ni(begun_q), .reserve_i(reserve), .room_o(room), .open_i(open), .void_i(lost), .user_i,
    .group_valid_i(group_valid), .group_i(group_q), .group_data_i(data_i),
    .x_valid_o(valid[0]), .x_ready_i(ready_i[0]), .x_data_o(x), .x_user_o(user[0]), .x_last_o(last[0]),
    .llr_valid_o(valid[1]), .llr_ready_i(ready_i[1]), .llr_data_o(llr), .llr_user_o(user[1]),
    .llr_last_o(last[1]), .busy_o(busy)
  );

  assign starts_mark = filling && group_q == '0 && mark_i && marked_q == '0 && !marking_q;
  assign marking     = starts_mark || (marking_q && filling);
  assign idle        = reserved_q == '0 && complete_q == '0;

  always_ff @(posedge clk_i) begin
    begun_q <= 1'b1;
    if (!begun_q) begin
      reserved_q <= '0;
      group_q    <= '0;
      marking_q  <= 1'b0;
      idle_q     <= '0;
      opened_q   <= '0;
      closed_q   <= '0;
    end else begin
      if (open) users_q[opened_q] <= user_i;
      if (open) opened_q <= opened_q + 3'd1;
      if (leaving) closed_q <= closed_q + 3'd1;
      if (filling) pair_q <= pair;
      reserved_q <= reserved_q + 4'(reserve) - 4'(group_end);
      if (filling) group_q <= group_end ? '0 : group_q + GroupWidth'(1);
      if (starts_mark) begin
        marking_q <= 1'b1;
        second_q  <= pair && second_i;
      end
      if (marking) begin
        for (int unsigned c = 0; c < GroupColumns; c++) begin
          frame_q[32'(group_q)*GroupColumns+c] <= second
            ? data_i[((Vectors-1)*GroupColumns+c)*Width +: Width] : data_i[c*Width +: Width];
        end
      end
      if (marking && group_end) begin
        marking_q <= 1'b0;
        user_q    <= second ? users_now[(Vectors-1)*2 +: 2] : users_now[1:0];
      end
      idle_q <= !idle ? '0 : (idle_q == '1) ? idle_q : idle_q + 4'd1;
    end
    last_x_q   <= x;
    last_llr_q <= llr;
  end

  for (genvar s = 0; s < 2; s++) begin : gen_stream
    logic [Width-1:0] column;

    assign frame_ends[s] = leaves[s] && column_q[s] == ColumnWidth'(Columns - 1);
    assign at_mark[s]    = begun_q && marked_q[s] && ahead_q[s] == '0 && valid[s];
    assign column        = frame_q[column_q[s]];

    always_ff @(posedge clk_i) begin
      if (!begun_q) begin
        complete_q[s] <= '0;
        column_q[s]   <= '0;
        marked_q[s]   <= 1'b0;
        stalled_q[s]  <= 1'b0;
        waited_q[s]   <= '0;
      end else begin
        complete_q[s] <= complete_q[s] + 4'(leaving) + 4'(leaving && pair) - 4'(frame_ends[s]);
        if (leaves[s]) column_q[s] <= frame_ends[s] ? '0 : column_q[s] + ColumnWidth'(1);
        if (marking && group_end) begin
          marked_q[s] <= !lost;
          ahead_q[s]  <= complete_q[s] - 4'(frame_ends[s]) + 4'(second);
        end else if (marked_q[s] && frame_ends[s]) begin
          if (ahead_q[s] == '0) marked_q[s] <= 1'b0;
          else ahead_q[s] <= ahead_q[s] - 4'd1;
        end
        stalled_q[s] <= valid[s] && !ready_i[s];
        waited_q[s]  <= (complete_q[s] == '0 || valid[s]) ? '0 : waited_q[s] + 4'(waited_q[s] != '1);
      end
      last_user_q[s] <= user[s];
      last_last_q[s] <= last[s];
    end

    assign bad_frame[s] = begun_q && valid[s] && complete_q[s] == '0;
    assign bad_last[s]  = begun_q && valid[s] && last[s] != (column_q[s] == ColumnWidth'(Columns - 1));

    // A frame of soft bits waits for the starts of others on x.
    assign bad_wait[s] = begun_q && waited_q[s] >= ((s == 0) ? 4'd2 : 4'(Places * Vectors + 2));

    if (s == 0) begin : gen_x
      assign bad_stall[s] = begun_q && stalled_q[s]
        && (!valid[s] || x != last_x_q || user[s] != last_user_q[s] || last[s] != last_last_q[s]);
      assign bad_column[s] = at_mark[s]
        && (user[s] != user_q || x != {6'd0, column[3:2], {6{column[1]}}, column[1:0]});
    end else begin : gen_llr
      assign bad_stall[s] = begun_q && stalled_q[s]
        && (!valid[s] || llr != last_llr_q || user[s] != last_user_q[s] || last[s] != last_last_q[s]);
      assign bad_column[s] = at_mark[s] && (user[s] != user_q
        || llr != {{6{column[7]}}, column[7:6], {6{column[5]}}, column[5:4]});
    end
  end

  // A vector whose last column waits in a stream's register has left its place; an idle end has room.
  logic [1:0][3:0] held;  // at least so many places

  for (genvar s = 0; s < 2; s++) begin : gen_held
    assign held[s] = (complete_q[s] == '0) ? '0 : 4'((32'(complete_q[s]) + Vectors - 2) / Vectors);
  end
  assign bad_room = begun_q && ((room && reserved_q + held[0] >= 4'(Places))
    || (room && reserved_q + held[1] >= 4'(Places))
    || (!busy && !idle) || (idle && idle_q >= 4'd2 && (!room || busy)));
endmodule

`default_nettype wire
