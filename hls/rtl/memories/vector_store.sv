// SPDX-License-Identifier: Apache-2.0
// What the engine keeps of the vectors in their slots: the results r of the last row pass, word by
// word; the state records, group by group; and the row pass's operand, the low OperandWidth bits of all
// the records of a slot side by side. Each of a slot's vectors has its rows or columns to itself, vector 0
// lowest, but in the operand, where the vectors of a column are neighbours.
// Latency: 1 cycle from the read addresses to operand_o, result_o and state_o.
`default_nettype none

module vector_store #(
  parameter int unsigned Slots        = 4,
  parameter int unsigned Vectors      = 1,     // of a slot
  parameter int unsigned Words        = 32,
  parameter int unsigned RowsPerWord  = 1,
  parameter int unsigned ResultWidth  = 8,
  parameter int unsigned Groups       = 32,
  parameter int unsigned GroupColumns = 1,
  parameter int unsigned StateWidth   = 8,
  parameter int unsigned OperandWidth = 8,
  parameter int unsigned Columns      = Groups * GroupColumns,  // those above are no operands
  parameter bit          Operands     = 1'b1,  // 0: there are no row passes, operand_o is zero
  localparam int unsigned SlotWidth = (Slots > 1) ? $clog2(Slots) : 1,
  localparam int unsigned WordWidth = (Words > 1) ? $clog2(Words) : 1,
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1
) (
  input  wire logic                                        clk_i,
  input  wire logic                                        result_valid_i,
  input  wire logic [SlotWidth-1:0]                        result_slot_i,
  input  wire logic [WordWidth-1:0]                        result_word_i,
  input  wire logic [Vectors*RowsPerWord*ResultWidth-1:0]  result_i,
  input  wire logic [Vectors-1:0]                          state_valid_i,  // whose records are written
  input  wire logic [SlotWidth-1:0]                        state_slot_i,
  input  wire logic [GroupWidth-1:0]                       state_group_i,
  input  wire logic [Vectors*GroupColumns*StateWidth-1:0]  state_i,
  input  wire logic [SlotWidth-1:0]                        read_slot_i,
  output logic      [Columns*Vectors*OperandWidth-1:0]     operand_o,
  input  wire logic [SlotWidth-1:0]                        read_result_slot_i,
  input  wire logic [WordWidth-1:0]                        read_word_i,
  output logic      [Vectors*RowsPerWord*ResultWidth-1:0]  result_o,
  input  wire logic [SlotWidth-1:0]                        read_state_slot_i,
  input  wire logic [GroupWidth-1:0]                       read_group_i,
  output logic      [Vectors*GroupColumns*StateWidth-1:0]  state_o
);
  if (OperandWidth > StateWidth) begin : gen_bad_width
    $error("vector_store: the operand is a part of the state record");
  end

  if (Operands) begin : gen_operands
    for (genvar v = 0; v < Vectors; v++) begin : gen_vector
      logic [GroupColumns*OperandWidth-1:0] group_operand;
      logic [Groups*GroupColumns*OperandWidth-1:0] operand;
      logic [Groups-1:0] write_groups;

      for (genvar c = 0; c < GroupColumns; c++) begin : gen_operand
        assign group_operand[c*OperandWidth +: OperandWidth] =
          state_i[(v*GroupColumns+c)*StateWidth +: OperandWidth];
      end

      // A group of the next state fills its part of the slot's operand.
      assign write_groups = state_valid_i[v] ? Groups'(1) << state_group_i : '0;

      lane_memory #(
        .Slices(Groups), .SliceWidth(GroupColumns * OperandWidth), .Depth(1 << SlotWidth)
      ) u_operands (
        .clk_i, .write_i(write_groups), .write_address_i(state_slot_i), .slice_i(group_operand),
        .read_address_i(read_slot_i), .word_o(operand)
      );

      if (Groups * GroupColumns > Columns) begin : gen_padding
        logic unused_padding;
        assign unused_padding = ^operand[Groups*GroupColumns*OperandWidth-1:Columns*OperandWidth];
      end
      for (genvar n = 0; n < Columns; n++) begin : gen_column
        assign operand_o[(n*Vectors+v)*OperandWidth +: OperandWidth] =
          operand[n*OperandWidth +: OperandWidth];
      end
    end
  end else begin : gen_none
    logic unused_slot;
    assign unused_slot = ^read_slot_i;
    assign operand_o   = '0;
  end

  lane_memory #(
    .Slices(1), .SliceWidth(Vectors * RowsPerWord * ResultWidth), .Depth(1 << (SlotWidth + WordWidth))
  ) u_results (
    .clk_i, .write_i(result_valid_i), .write_address_i({result_slot_i, result_word_i}),
    .slice_i(result_i), .read_address_i({read_result_slot_i, read_word_i}), .word_o(result_o)
  );

  for (genvar v = 0; v < Vectors; v++) begin : gen_state
    localparam int unsigned Width = GroupColumns * StateWidth;

    lane_memory #(
      .Slices(1), .SliceWidth(Width), .Depth(1 << (SlotWidth + GroupWidth))
    ) u_states (
      .clk_i, .write_i(state_valid_i[v]), .write_address_i({state_slot_i, state_group_i}),
      .slice_i(state_i[v*Width +: Width]), .read_address_i({read_state_slot_i, read_group_i}),
      .word_o(state_o[v*Width +: Width])
    );
  end
endmodule

`default_nettype wire
