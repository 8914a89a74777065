// SPDX-License-Identifier: Apache-2.0
// Collects a vector's last states group by group and sends them as a frame, one column a beat. Two of
// them may come side by side (a bit of group_valid_i for each, the first one always there) and leave
// one after the other. reserve_i takes the place of all of them (room_o says that there is one),
// so that groups are never refused; it is given back when its last column leaves for the output register.
// open_i says what goes with them, in the same order, ahead of their last group; what is void is not sent.
// Latency: 2 cycles from the last group to valid_o; a frame is sent without gaps if ready_i allows.
`default_nettype none

module output_buffer #(
  parameter int unsigned Places       = 2,
  parameter int unsigned Vectors      = 1,   // of a place: 1 or 2
  parameter int unsigned Groups       = 32,
  parameter int unsigned GroupColumns = 1,
  parameter int unsigned Width        = 26,  // of a column
  parameter int unsigned UserWidth    = 7,
  parameter int unsigned Columns      = Groups * GroupColumns,  // the last group's others are not sent
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1
) (
  input  wire logic                                  clk_i,
  input  wire logic                                  rst_ni,
  input  wire logic                                  reserve_i,
  output logic                                       room_o,
  input  wire logic                                  open_i,
  input  wire logic                                  void_i,         // this and user_i with open_i
  input  wire logic [Vectors*UserWidth-1:0]          user_i,
  input  wire logic [Vectors-1:0]                    group_valid_i,
  input  wire logic [GroupWidth-1:0]                 group_i,
  input  wire logic [Vectors*GroupColumns*Width-1:0] group_data_i,   // vector 0 lowest
  output logic                                       valid_o,
  input  wire logic                                  ready_i,
  output logic      [Width-1:0]                      data_o,
  output logic      [UserWidth-1:0]                  user_o,
  output logic                                       last_o,
  output logic                                       busy_o
);
  localparam int unsigned PlaceWidth = (Places > 1) ? $clog2(Places) : 1;
  localparam int unsigned CountWidth = $clog2(Places + 1);
  localparam int unsigned LastColumns = Columns - (Groups - 1) * GroupColumns;
  localparam int unsigned ColumnWidth = (GroupColumns > 1) ? $clog2(GroupColumns) : 1;

  if (Places < 1 || (Vectors != 1 && Vectors != 2)) begin : gen_bad_places
    $error("output_buffer: Places must be at least 1, Vectors 1 or 2");
  end

  logic [Vectors*GroupColumns*Width-1:0] memory[1 << (PlaceWidth + GroupWidth)];
  logic [Vectors*UserWidth-1:0] users[1 << PlaceWidth];
  logic [Places-1:0] void_q;
  logic [Vectors*GroupColumns*Width-1:0] words;
  logic [GroupColumns*Width-1:0] word;
  logic [UserWidth-1:0] user;
  logic [PlaceWidth-1:0] open_q, write_q, read_q;
  logic [GroupWidth-1:0] group_q;
  logic [ColumnWidth-1:0] column_q;
  logic [CountWidth-1:0] reserved_q, complete_q;
  logic completed, send, skip, group_end, frame_end, place_end, done;

  function automatic logic [PlaceWidth-1:0] next(input logic [PlaceWidth-1:0] place);
    return (place == PlaceWidth'(Places - 1)) ? '0 : place + PlaceWidth'(1);
  endfunction

  assign room_o    = reserved_q != CountWidth'(Places);
  assign busy_o    = reserved_q != '0 || valid_o;
  assign completed = group_valid_i[0] && group_i == GroupWidth'(Groups - 1);
  assign words     = memory[{read_q, group_q}];

  if (LastColumns == GroupColumns) begin : gen_whole
    assign group_end = column_q == ColumnWidth'(GroupColumns - 1);
    assign frame_end = group_end && group_q == GroupWidth'(Groups - 1);
  end else begin : gen_short
    assign group_end = frame_end || column_q == ColumnWidth'(GroupColumns - 1);
    assign frame_end = group_q == GroupWidth'(Groups - 1) && column_q == ColumnWidth'(LastColumns - 1);
  end

  // The output register takes the next column of a complete place when it is empty or being read.
  assign send = complete_q != '0 && !void_q[read_q] && (!valid_o || ready_i);
  assign skip = complete_q != '0 && void_q[read_q];
  assign done = skip || (send && place_end);

  always_ff @(posedge clk_i) begin
    if (group_valid_i[0]) memory[{write_q, group_i}] <= group_data_i;
    if (open_i) users[open_q] <= user_i;
    if (open_i) void_q[open_q] <= void_i;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_o <= 1'b0;
    else valid_o <= send || (valid_o && !ready_i);
    if (send) begin
      data_o <= word[column_q*Width +: Width];
      user_o <= user;
      last_o <= frame_end;
    end
  end

  // A place ends with the last vector that it has.
  if (Vectors == 1) begin : gen_single
    assign word      = words;
    assign user      = users[read_q];
    assign place_end = frame_end;
  end else begin : gen_pair
    logic pairs[1 << PlaceWidth];
    logic second_q;

    assign word = second_q ? words[2*GroupColumns*Width-1:GroupColumns*Width]
      : words[GroupColumns*Width-1:0];
    assign user = second_q ? users[read_q][2*UserWidth-1:UserWidth] : users[read_q][UserWidth-1:0];
    assign place_end = frame_end && (second_q || !pairs[read_q]);

    always_ff @(posedge clk_i) begin
      if (completed) pairs[write_q] <= group_valid_i[1];
      if (!rst_ni) second_q <= 1'b0;
      else if (send && frame_end) second_q <= !place_end;
    end
  end

  // Columns are read in order, group by group.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      group_q  <= '0;
      column_q <= '0;
    end else if (send) begin
      column_q <= group_end ? '0 : column_q + ColumnWidth'(1);
      if (group_end) group_q <= frame_end ? '0 : group_q + GroupWidth'(1);
    end
  end

  // Places are counted when reserved, when complete, and when their last column leaves.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      open_q     <= '0;
      write_q    <= '0;
      read_q     <= '0;
      reserved_q <= '0;
      complete_q <= '0;
    end else begin
      if (open_i) open_q <= next(open_q);
      if (completed) write_q <= next(write_q);
      if (done) read_q <= next(read_q);
      reserved_q <= reserved_q + CountWidth'(reserve_i) - CountWidth'(done);
      complete_q <= complete_q + CountWidth'(completed) - CountWidth'(done);
    end
  end
endmodule

`default_nettype wire
