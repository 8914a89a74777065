// SPDX-License-Identifier: Apache-2.0
// The end of a detector: state, code and decided bits of a column leave on x, its soft bits, if there are
// any, on llr, each integer in whole bytes. Each stream has a buffer and waits for its own reader alone; a
// vector is admitted (room_o) when both have a place for it, so that they carry the same vectors in the
// same order and neither loses one to the other. What a buffer needs: output_buffer.
// Latency: 2 cycles from the last group to x_valid_o and llr_valid_o.
`default_nettype none

module output_streams #(
  parameter int unsigned Period       = 160,  // cycles from a vector, or pair, to the next one, at least
  parameter int unsigned Held         = 192,  // cycles from reserve_i to its last column in the register
  parameter int unsigned Vectors      = 1,   // of a place: 1 or 2
  parameter int unsigned Groups       = 32,
  parameter int unsigned GroupColumns = 1,
  parameter int unsigned Columns      = Groups * GroupColumns,
  parameter int unsigned StateWidth   = 16,
  parameter int unsigned CodeWidth    = 8,   // 0: no code
  parameter int unsigned BitsWidth    = 2,
  parameter int unsigned LlrWidth     = 0,   // 0: no soft bits; else there is one for each bit
  parameter int unsigned UserWidth    = 7,
  localparam int unsigned Places = (Held > 2 * Period) ? 1 << $clog2((Held + Period - 1) / Period) : 2,
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1,
  localparam int unsigned XWidth = BitsWidth + CodeWidth + StateWidth,
  localparam int unsigned SoftWidth = BitsWidth * LlrWidth,
  localparam int unsigned Width = SoftWidth + XWidth,
  localparam int unsigned XBytes = (StateWidth + 7) / 8 + (CodeWidth + 7) / 8 + (BitsWidth + 7) / 8,
  localparam int unsigned LlrBytes = (LlrWidth > 0) ? BitsWidth * ((LlrWidth + 7) / 8) : 1
) (
  input  wire logic                                  clk_i,
  input  wire logic                                  rst_ni,
  input  wire logic                                  reserve_i,
  output logic                                       room_o,
  input  wire logic                                  open_i,
  input  wire logic                                  void_i,
  input  wire logic [Vectors*UserWidth-1:0]          user_i,
  input  wire logic [Vectors-1:0]                    group_valid_i,
  input  wire logic [GroupWidth-1:0]                 group_i,
  input  wire logic [Vectors*GroupColumns*Width-1:0] group_data_i,  // {soft bits, bits, code, state}
  output logic                                       x_valid_o,
  input  wire logic                                  x_ready_i,
  output logic      [8*XBytes-1:0]                   x_data_o,
  output logic      [UserWidth-1:0]                  x_user_o,
  output logic                                       x_last_o,
  output logic                                       llr_valid_o,
  input  wire logic                                  llr_ready_i,
  output logic      [8*LlrBytes-1:0]                 llr_data_o,    // the first bit's lowest
  output logic      [UserWidth-1:0]                  llr_user_o,
  output logic                                       llr_last_o,
  output logic                                       busy_o
);
  localparam int unsigned Elements = Vectors * GroupColumns;

  localparam int unsigned PlaceWidth = $clog2(Places);
  localparam int unsigned Streams = (LlrWidth > 0) ? 2 : 1;

  logic [Elements*XWidth-1:0] x_group;
  logic [XWidth-1:0] column;
  logic [Vectors*UserWidth-1:0] users[Places];
  logic [UserWidth-1:0] user;
  logic [Places-1:0] pairs_q;
  logic [PlaceWidth:0] write, x_read;
  logic [Streams*(PlaceWidth+1)-1:0] read;
  logic [PlaceWidth-1:0] open, x_place, place;
  logic complete, taken, x_start, x_second, second;

  assign complete = group_valid_i[0] && group_i == GroupWidth'(Groups - 1);

  output_places #(.Places(Places), .Streams(Streams)) u_places (
    .clk_i, .rst_ni, .reserve_i, .room_o, .open_i, .open_o(open), .complete_i(complete), .void_i,
    .write_o(write), .read_i(read), .busy_o(taken)
  );

  // What goes with a vector is read once a frame.
  always_ff @(posedge clk_i) begin
    if (open_i) users[open] <= user_i;
    if (x_start) x_user_o <= user;
  end

  if (Vectors == 1) begin : gen_single
    logic unused_second;

    assign unused_second = second;
    assign user          = users[place];
    assign pairs_q       = '0;
  end else begin : gen_pair
    logic [Vectors*UserWidth-1:0] both;

    assign both = users[place];
    assign user = second ? both[2*UserWidth-1:UserWidth] : both[UserWidth-1:0];
    always_ff @(posedge clk_i) if (complete) pairs_q[write[PlaceWidth-1:0]] <= group_valid_i[1];
  end

  for (genvar e = 0; e < Elements; e++) begin : gen_column
    assign x_group[e*XWidth +: XWidth] = group_data_i[e*Width +: XWidth];
  end

  output_buffer #(
    .Places(Places), .Vectors(Vectors), .Groups(Groups), .GroupColumns(GroupColumns), .Width(XWidth),
    .Columns(Columns)
  ) u_x (
    .clk_i, .rst_ni, .write_i(write), .pairs_i(pairs_q), .group_valid_i(group_valid_i[0]), .group_i,
    .group_data_i(x_group), .read_o(x_read), .hold_i(1'b0), .start_o(x_start), .place_o(x_place),
    .second_o(x_second), .valid_o(x_valid_o), .ready_i(x_ready_i), .data_o(column), .last_o(x_last_o)
  );
  output_bytes #(
    .StateWidth(StateWidth), .CodeWidth(CodeWidth), .BitsWidth(BitsWidth)
  ) u_bytes (
    .column_i(column), .bytes_o(x_data_o)
  );

  if (LlrWidth == 0) begin : gen_hard
    logic unused_ready;

    assign unused_ready    = llr_ready_i;
    assign read            = x_read;
    assign {place, second} = {x_place, x_second};
    assign busy_o          = taken || x_valid_o;
    assign llr_valid_o     = 1'b0;
    assign llr_data_o      = '0;
    assign llr_user_o      = '0;
    assign llr_last_o      = 1'b0;
  end else begin : gen_soft
    localparam int unsigned FieldWidth = 8 * ((LlrWidth + 7) / 8);

    logic [Elements*SoftWidth-1:0] llr_group;
    logic [SoftWidth-1:0] llrs;
    logic [PlaceWidth:0] llr_read;
    logic [PlaceWidth-1:0] llr_place;
    logic llr_start, llr_second, hold;

    for (genvar e = 0; e < Elements; e++) begin : gen_column
      assign llr_group[e*SoftWidth +: SoftWidth] = group_data_i[e*Width+XWidth +: SoftWidth];
    end

    output_buffer #(
      .Places(Places), .Vectors(Vectors), .Groups(Groups), .GroupColumns(GroupColumns), .Width(SoftWidth),
      .Columns(Columns)
    ) u_llr (
      .clk_i, .rst_ni, .write_i(write), .pairs_i(pairs_q), .group_valid_i(group_valid_i[0]), .group_i,
      .group_data_i(llr_group), .read_o(llr_read), .hold_i(hold), .start_o(llr_start),
      .place_o(llr_place), .second_o(llr_second), .valid_o(llr_valid_o), .ready_i(llr_ready_i),
      .data_o(llrs), .last_o(llr_last_o)
    );

    // Frames of two vectors do not start in one cycle: that of soft bits waits for the next. Where soft bits
    // alone are left to be sent, their register is never empty.
    assign hold            = x_start && {x_place, x_second} != {llr_place, llr_second};
    assign {place, second} = x_start ? {x_place, x_second} : {llr_place, llr_second};
    assign read            = {llr_read, x_read};
    assign busy_o          = taken || x_valid_o || llr_valid_o;

    always_ff @(posedge clk_i) if (llr_start) llr_user_o <= user;

    for (genvar b = 0; b < BitsWidth; b++) begin : gen_bit
      assign llr_data_o[b*FieldWidth +: FieldWidth] = FieldWidth'(signed'(llrs[b*LlrWidth +: LlrWidth]));
    end
  end
endmodule

`default_nettype wire
