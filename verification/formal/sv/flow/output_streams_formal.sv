// SPDX-License-Identifier: Apache-2.0
// output_streams with soft bits, filled in order where a place was reserved: a vector that is not void leaves
// once on each stream, in order and whole, with its user, each stream stays while it is stalled and waits for
// no other reader, and places are given where both have one. All of one vector, chosen at will, is followed
// through both buffers. Stream 0 is x, 1 is llr.
`default_nettype none

module output_streams_formal #(
  parameter int unsigned Places       = 2,
  parameter int unsigned Groups       = 2,
  parameter int unsigned GroupColumns = 1,
  localparam int unsigned Width = 8  // two soft bits of 2, two bits, a state of 2
) (
  input  wire logic                          clk_i,
  input  wire logic                          reserve_i,
  input  wire logic                          group_i,
  input  wire logic                          void_i,
  input  wire logic [GroupColumns*Width-1:0] data_i,
  input  wire logic [1:0]                    user_i,
  input  wire logic [1:0]                    ready_i,
  input  wire logic                          mark_i,
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

  output_streams #(
    .Places(Places), .Groups(Groups), .GroupColumns(GroupColumns), .StateWidth(2), .CodeWidth(0),
    .BitsWidth(2), .LlrWidth(2), .UserWidth(2)
  ) u_dut (
    .clk_i, .rst_ni(begun_q), .reserve_i(reserve), .room_o(room), .open_i(group_end), .void_i, .user_i,
    .group_valid_i(filling), .group_i(group_q), .group_data_i(data_i),
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
    end else begin
      reserved_q <= reserved_q + 4'(reserve) - 4'(group_end);
      if (filling) group_q <= group_end ? '0 : group_q + GroupWidth'(1);
      if (starts_mark) marking_q <= 1'b1;
      if (marking) begin
        for (int unsigned c = 0; c < GroupColumns; c++) begin
          frame_q[32'(group_q)*GroupColumns+c] <= data_i[c*Width +: Width];
        end
      end
      if (marking && group_end) begin
        marking_q <= 1'b0;
        user_q    <= user_i;
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
        complete_q[s] <= complete_q[s] + 4'(group_end && !void_i) - 4'(frame_ends[s]);
        if (leaves[s]) column_q[s] <= frame_ends[s] ? '0 : column_q[s] + ColumnWidth'(1);
        if (marking && group_end) begin
          marked_q[s] <= !void_i;
          ahead_q[s]  <= complete_q[s] - 4'(frame_ends[s]);
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

    // Void vectors ahead take a cycle each.
    assign bad_wait[s] = begun_q && waited_q[s] >= 4'(Places + 2);

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
  assign bad_room = begun_q && ((room && reserved_q + complete_q[0] > 4'(Places))
    || (room && reserved_q + complete_q[1] > 4'(Places))
    || (!busy && !idle) || (idle && idle_q >= 4'(Places + 2) && (!room || busy)));
endmodule

`default_nettype wire
