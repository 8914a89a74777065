// SPDX-License-Identifier: Apache-2.0
// The end of a detector: state, code and decided bits of a column leave on x, its soft bits, if there are
// any, on llr, each integer in whole bytes. Each stream has a buffer and waits for its own reader alone; a
// vector is admitted (room_o) when both have a place for it, so that they carry the same vectors in the
// same order and neither loses one to the other. What a buffer needs: output_buffer.
// Latency: 2 cycles from the last group to x_valid_o and llr_valid_o.
`default_nettype none

module output_streams #(
  parameter int unsigned Places       = 2,
  parameter int unsigned Vectors      = 1,   // of a place: 1 or 2
  parameter int unsigned Groups       = 32,
  parameter int unsigned GroupColumns = 1,
  parameter int unsigned Columns      = Groups * GroupColumns,
  parameter int unsigned StateWidth   = 16,
  parameter int unsigned CodeWidth    = 8,   // 0: no code
  parameter int unsigned BitsWidth    = 2,
  parameter int unsigned LlrWidth     = 0,   // 0: no soft bits; else there is one for each bit
  parameter int unsigned UserWidth    = 7,
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

  logic [Elements*XWidth-1:0] x_group;
  logic [XWidth-1:0] column;
  logic x_room, x_busy;

  for (genvar e = 0; e < Elements; e++) begin : gen_column
    assign x_group[e*XWidth +: XWidth] = group_data_i[e*Width +: XWidth];
  end

  output_buffer #(
    .Places(Places), .Vectors(Vectors), .Groups(Groups), .GroupColumns(GroupColumns), .Width(XWidth),
    .UserWidth(UserWidth), .Columns(Columns)
  ) u_x (
    .clk_i, .rst_ni, .reserve_i, .room_o(x_room), .open_i, .void_i, .user_i, .group_valid_i, .group_i,
    .group_data_i(x_group), .valid_o(x_valid_o), .ready_i(x_ready_i), .data_o(column),
    .user_o(x_user_o), .last_o(x_last_o), .busy_o(x_busy)
  );
  output_bytes #(
    .StateWidth(StateWidth), .CodeWidth(CodeWidth), .BitsWidth(BitsWidth)
  ) u_bytes (
    .column_i(column), .bytes_o(x_data_o)
  );

  if (LlrWidth == 0) begin : gen_hard
    logic unused_ready;

    assign unused_ready = llr_ready_i;
    assign room_o       = x_room;
    assign busy_o       = x_busy;
    assign llr_valid_o  = 1'b0;
    assign llr_data_o   = '0;
    assign llr_user_o   = '0;
    assign llr_last_o   = 1'b0;
  end else begin : gen_soft
    localparam int unsigned FieldWidth = 8 * ((LlrWidth + 7) / 8);

    logic [Elements*SoftWidth-1:0] llr_group;
    logic [SoftWidth-1:0] llrs;
    logic llr_room, llr_busy;

    for (genvar e = 0; e < Elements; e++) begin : gen_column
      assign llr_group[e*SoftWidth +: SoftWidth] = group_data_i[e*Width+XWidth +: SoftWidth];
    end

    output_buffer #(
      .Places(Places), .Vectors(Vectors), .Groups(Groups), .GroupColumns(GroupColumns), .Width(SoftWidth),
      .UserWidth(UserWidth), .Columns(Columns)
    ) u_llr (
      .clk_i, .rst_ni, .reserve_i, .room_o(llr_room), .open_i, .void_i, .user_i, .group_valid_i, .group_i,
      .group_data_i(llr_group), .valid_o(llr_valid_o), .ready_i(llr_ready_i), .data_o(llrs),
      .user_o(llr_user_o), .last_o(llr_last_o), .busy_o(llr_busy)
    );

    assign room_o = x_room && llr_room;
    assign busy_o = x_busy || llr_busy;

    for (genvar b = 0; b < BitsWidth; b++) begin : gen_bit
      assign llr_data_o[b*FieldWidth +: FieldWidth] = FieldWidth'(signed'(llrs[b*LlrWidth +: LlrWidth]));
    end
  end
endmodule

`default_nettype wire
