// SPDX-License-Identifier: Apache-2.0
// mac_array against plain products of symmetric factors and their plain sums: of a row pass over the columns, of
// a column pass over the rows, each of one or two vectors, after the latency of the trees.
// Of two wide vectors in a multiplier no SAT solver decides that. With Split their packed factor is shown to be
// v1·2^S + v0, and the law of distribution is given: entry·(v1·2^S + v0) = entry·v1·2^S + entry·v0.
`default_nettype none

module mac_array_formal #(
  parameter int unsigned Columns        = 2,
  parameter int unsigned RowsPerWord    = 2,
  parameter int unsigned Vectors        = 1,
  parameter int unsigned EntryWidth     = 8,
  parameter int unsigned OperandWidth   = 8,
  parameter int unsigned ResultWidth    = 8,
  parameter int unsigned RowSumWidth    = 20,
  parameter int unsigned ColumnSumWidth = 20,
  parameter bit          RowPass        = 1'b1,
  parameter bit          Split          = 1'b0
) (
  input  wire logic         clk_i,
  input  wire logic [255:0] free_i,
  output logic              bad_o
);
  localparam int unsigned Entries = RowsPerWord * Columns;
  localparam int unsigned Operands = Columns * Vectors;
  localparam int unsigned Results = RowsPerWord * Vectors;
  localparam int unsigned FactorWidth = (OperandWidth > ResultWidth) ? OperandWidth : ResultWidth;
  localparam int unsigned ProductWidth = EntryWidth + FactorWidth - 1;
  localparam int unsigned Growth = ProductWidth + $clog2(RowsPerWord);
  localparam int unsigned PartialWidth = (Growth < ColumnSumWidth) ? Growth : ColumnSumWidth;
  localparam int unsigned RowAge = 2 + $clog2(Columns);
  localparam int unsigned ColumnAge = 2 + $clog2(RowsPerWord);
  localparam int unsigned FreeOperand = Entries * EntryWidth + 2;
  localparam int unsigned FreeResult = FreeOperand + Operands * OperandWidth;

  logic column, zero;
  logic [Entries-1:0][EntryWidth-1:0] entry;
  logic [Operands-1:0][OperandWidth-1:0] operand;
  logic [Results-1:0][ResultWidth-1:0] result;
  logic [Results-1:0][RowSumWidth-1:0] row_sum;
  logic [Operands-1:0][PartialWidth-1:0] partial;

  // No factor is the most negative integer of its width: such a one loses its sign.
  assign {zero, column} = free_i[1:0];
  for (genvar i = 0; i < Entries; i++) begin : gen_entry
    logic [EntryWidth-1:0] drawn;
    assign drawn    = free_i[2+i*EntryWidth +: EntryWidth];
    assign entry[i] = (drawn == EntryWidth'(1) << (EntryWidth - 1)) ? '0 : drawn;
  end
  for (genvar i = 0; i < Operands; i++) begin : gen_operand
    logic [OperandWidth-1:0] drawn;
    assign drawn      = free_i[FreeOperand+i*OperandWidth +: OperandWidth];
    assign operand[i] = (drawn == OperandWidth'(1) << (OperandWidth - 1)) ? '0 : drawn;
  end
  for (genvar i = 0; i < Results; i++) begin : gen_result
    logic [ResultWidth-1:0] drawn;
    assign drawn     = free_i[FreeResult+i*ResultWidth +: ResultWidth];
    assign result[i] = (drawn == ResultWidth'(1) << (ResultWidth - 1)) ? '0 : drawn;
  end

  mac_array #(
    .Columns(Columns), .RowsPerWord(RowsPerWord), .Vectors(Vectors), .EntryWidth(EntryWidth),
    .OperandWidth(OperandWidth), .ResultWidth(ResultWidth), .RowSumWidth(RowSumWidth),
    .ColumnSumWidth(ColumnSumWidth), .RowPass(RowPass)
  ) u_dut (
    .clk_i, .column_i(column), .zero_i(zero), .word_i(entry), .operand_i(operand),
    .result_i(result), .row_sum_o(row_sum), .partial_o(partial)
  );

  // The sums of now, and those of the cycles before.
  logic [RowAge:1] row_pass_q = '0;
  logic [ColumnAge:1] column_pass_q = '0;
  logic [RowAge:0][Results-1:0][RowSumWidth-1:0] row_expected;
  logic [ColumnAge:0][Operands-1:0][PartialWidth-1:0] expected;
  logic signed [EntryWidth-1:0] one;
  logic signed [OperandWidth-1:0] by_operand;
  logic signed [ResultWidth-1:0] by_result;
  logic signed [FactorWidth-1:0] factor;
  logic signed [ProductWidth-1:0] product;
  logic packed_wrong, lawful;

  always_comb begin
    row_expected[0] = '0;
    expected[0]     = '0;
    for (int unsigned v = 0; v < Vectors; v++) begin
      for (int unsigned i = 0; i < RowsPerWord; i++) begin
        for (int unsigned n = 0; n < Columns; n++) begin
          one        = entry[i*Columns+n];
          by_operand = operand[n*Vectors+v];
          by_result  = result[i*Vectors+v];
          factor     = column ? FactorWidth'(by_result) : zero ? '0 : FactorWidth'(by_operand);
          product    = ProductWidth'(one) * ProductWidth'(factor);
          row_expected[0][v*RowsPerWord+i] = row_expected[0][v*RowsPerWord+i] + RowSumWidth'(product);
          expected[0][n*Vectors+v]         = expected[0][n*Vectors+v] + PartialWidth'(product);
        end
      end
    end
  end

  if (Split) begin : gen_law
    localparam int unsigned PackedWidth = ProductWidth + FactorWidth;
    localparam int unsigned WholeWidth = 2 * ProductWidth;
    localparam logic [WholeWidth-1:0] Half = WholeWidth'(1) << (ProductWidth - 1);
    logic signed [EntryWidth-1:0] entry_0;
    logic signed [FactorWidth-1:0] first, second, row_first, row_second, column_first, column_second;
    logic signed [PackedWidth-1:0] pair;
    logic signed [ProductWidth-1:0] by_first, by_second;
    logic signed [WholeWidth-1:0] whole;

    function automatic logic [PackedWidth-1:0] together(
      input logic signed [FactorWidth-1:0] lower, input logic signed [FactorWidth-1:0] upper
    );
      return {upper - FactorWidth'(lower < 0), ProductWidth'(lower)};
    endfunction

    assign entry_0       = entry[0];
    assign row_first     = FactorWidth'(signed'(operand[0]));
    assign row_second    = FactorWidth'(signed'(operand[Vectors-1]));
    assign column_first  = FactorWidth'(signed'(result[0]));
    assign column_second = FactorWidth'(signed'(result[Vectors-1]));
    assign first     = column ? column_first : zero ? '0 : row_first;
    assign second    = column ? column_second : zero ? '0 : row_second;
    assign pair      = column ? together(column_first, column_second)
      : zero ? '0 : together(row_first, row_second);
    assign by_first  = ProductWidth'(entry_0) * ProductWidth'(first);
    assign by_second = ProductWidth'(entry_0) * ProductWidth'(second);
    assign whole     = WholeWidth'(entry_0) * WholeWidth'(pair) + signed'(Half);

    assign packed_wrong = WholeWidth'(pair) != (WholeWidth'(second) << ProductWidth) + WholeWidth'(first);
    assign lawful = whole
      == (WholeWidth'(by_second) << ProductWidth) + WholeWidth'(by_first) + signed'(Half);
  end else begin : gen_no_law
    assign packed_wrong = 1'b0;
    assign lawful       = 1'b1;
  end

  // The law is one of all integers, so that a case in which it does not hold is none.
  logic [ColumnAge:1] lawful_q = '0;
  always_ff @(posedge clk_i) begin
    row_expected[RowAge:1] <= row_expected[RowAge-1:0];
    expected[ColumnAge:1]  <= expected[ColumnAge-1:0];
    lawful_q               <= {lawful_q[ColumnAge-1:1], lawful};
    row_pass_q             <= {row_pass_q[RowAge-1:1], RowPass && !column};
    column_pass_q          <= {column_pass_q[ColumnAge-1:1], column};
  end

  logic broken;
  assign broken = (row_pass_q[RowAge] && row_sum != row_expected[RowAge])
    || (column_pass_q[ColumnAge] && partial != expected[ColumnAge]);
  assign bad_o  = packed_wrong || (broken && (!Split || lawful_q[ColumnAge]));

  if (Split && (Vectors != 2 || Entries != 1)) begin : gen_bad_split
    $error("mac_array_formal: Split is for one entry and two vectors");
  end

  logic unused;
  assign unused = &free_i;
endmodule

`default_nettype wire
