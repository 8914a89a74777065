// SPDX-License-Identifier: Apache-2.0
// Collects a vector's last states group by group and sends them as a frame, one column a beat. Two of
// them may come side by side (pairs_i says so of a place) and leave one after the other. Groups are never
// refused: they are written to the place of write_i, which moves on behind a vector's last group
// (output_places). read_o moves on when the last column of a place leaves for the output register.
// start_o: a frame's first column leaves place_o, with second_o that of the place's second vector; no
// frame starts while hold_i is high.
// Latency: 2 cycles from the last group to valid_o; a frame is sent without gaps if ready_i allows.
`default_nettype none

module output_buffer #(
  parameter int unsigned Places       = 2,   // a power of two
  parameter int unsigned Vectors      = 1,   // of a place: 1 or 2
  parameter int unsigned Groups       = 32,
  parameter int unsigned GroupColumns = 1,
  parameter int unsigned Width        = 26,  // of a column
  parameter int unsigned Columns      = Groups * GroupColumns,  // the last group's others are not sent
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1,
  localparam int unsigned PlaceWidth = $clog2(Places)
) (
  input  wire logic                                  clk_i,
  input  wire logic                                  rst_ni,
  input  wire logic [PlaceWidth:0]                   write_i,
  input  wire logic [Places-1:0]                     pairs_i,        // the place has two vectors
  input  wire logic                                  group_valid_i,
  input  wire logic [GroupWidth-1:0]                 group_i,
  input  wire logic [Vectors*GroupColumns*Width-1:0] group_data_i,   // vector 0 lowest
  output logic      [PlaceWidth:0]                   read_o,
  input  wire logic                                  hold_i,
  output logic                                       start_o,
  output logic      [PlaceWidth-1:0]                 place_o,
  output logic                                       second_o,
  output logic                                       valid_o,
  input  wire logic                                  ready_i,
  output logic      [Width-1:0]                      data_o,
  output logic                                       last_o
);
  localparam int unsigned ColumnBits = $clog2(GroupColumns);
  localparam int unsigned FrameBits = $clog2(Groups) + ColumnBits;
  localparam int unsigned VectorBits = FrameBits + Vectors - 1;
  localparam int unsigned CountWidth = VectorBits + PlaceWidth + 1;
  localparam int unsigned WordWidth = PlaceWidth + $clog2(Groups);
  localparam int unsigned ColumnWidth = (ColumnBits > 0) ? ColumnBits : 1;
  localparam int unsigned NumberWidth = (FrameBits > 0) ? FrameBits : 1;
  localparam int unsigned LastColumn = GroupColumns - 1;
  localparam int unsigned LastColumns = Columns - (Groups - 1) * GroupColumns;
  localparam int unsigned LastNumber = ((Groups - 1) << ColumnBits) + LastColumns - 1;

  localparam int unsigned NextGroup = (1 << ColumnBits) - LastColumn;
  localparam int unsigned NextFrame = (1 << FrameBits) - LastNumber;
  localparam int unsigned NextPlace = (1 << VectorBits) - LastNumber;  // from its first vector

  if (Vectors != 1 && Vectors != 2) begin : gen_bad_vectors
    $error("output_buffer: Vectors must be 1 or 2");
  end

  // What is read next: {place, vector, group, column}, each of as many bits as it needs; the last two number
  // a frame's columns.
  logic [CountWidth-1:0] count_q;
  logic [NumberWidth-1:0] number;
  logic [ColumnWidth-1:0] column;
  logic [Vectors*GroupColumns*Width-1:0] memory[1 << WordWidth];
  logic [Vectors*GroupColumns*Width-1:0] words;
  logic [GroupColumns*Width-1:0] word;
  logic send, group_end, frame_end, alone;

  assign read_o    = count_q[VectorBits +: PlaceWidth+1];
  assign place_o   = read_o[PlaceWidth-1:0];
  assign number    = NumberWidth'(count_q) & NumberWidth'((1 << FrameBits) - 1);
  assign column    = ColumnWidth'(count_q) & ColumnWidth'((1 << ColumnBits) - 1);
  assign group_end = column == ColumnWidth'(LastColumn);
  assign frame_end = number == NumberWidth'(LastNumber);
  assign alone     = Vectors > 1 && !pairs_i[place_o];
  assign words     = memory[(WordWidth'(place_o) << $clog2(Groups)) | WordWidth'(32'(number) >> ColumnBits)];

  // The output register takes the next column of a complete place when it is empty or being read. Behind
  // the last column of a frame, or a reset, comes the first one of the next.
  assign send    = write_i != read_o && !(last_o && hold_i) && (!valid_o || ready_i);
  assign start_o = send && last_o;

  always_ff @(posedge clk_i) begin
    if (group_valid_i) begin
      memory[(WordWidth'(write_i[PlaceWidth-1:0]) << $clog2(Groups)) | WordWidth'(group_i)] <= group_data_i;
    end
  end

  // A place ends with the last vector that it has. Numbers of no column are stepped over.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_o <= 1'b0;
      last_o  <= 1'b1;
      count_q <= '0;
    end else begin
      valid_o <= send || (valid_o && !ready_i);
      if (send) begin
        last_o  <= frame_end;
        count_q <= count_q + CountWidth'(frame_end ? (alone ? NextPlace : NextFrame) : group_end ? NextGroup : 1);
      end
    end
    if (send) data_o <= word[column*Width +: Width];
  end

  if (Vectors == 1) begin : gen_single
    assign word     = words;
    assign second_o = 1'b0;
  end else begin : gen_pair
    assign second_o = count_q[FrameBits];
    assign word     = second_o ? words[2*GroupColumns*Width-1:GroupColumns*Width]
      : words[GroupColumns*Width-1:0];
  end
endmodule

`default_nettype wire
