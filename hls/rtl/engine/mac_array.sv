// SPDX-License-Identifier: Apache-2.0
// The multipliers of the engine, one for each entry of an H word, shared by its two passes.
// Row pass: entry (i, n) times operand n, summed over n: RowsPerWord sums, accumulators of A·v.
// Column pass: entry (i, n) times result i, summed over i: Columns partial sums of Aᵀ·r.
// With RowPass = 0 there are column passes alone, and no trees over the rows.
// Entries, operands and results are symmetric (never their most negative integer), so that a product
// needs one bit less than both factors together.
// Vectors = 2: two vectors share each entry and its multiplier, whose other factor is v1·2^S + v0, S the
// bits of a product (packed_factor): the product holds entry·v1 above entry·v0. One DSP48E1 does that.
// Of operands, results and partial sums the vectors are neighbours: element 0 of both, element 1 of both,
// …; of row sums each vector has its rows to itself, vector 0 lowest.
// Latency: row sums 2 + $clog2(Columns) cycles, partial sums 2 + $clog2(RowsPerWord): an operand
// register, a product register, one register a level of the trees.
`default_nettype none

module mac_array #(
  parameter int unsigned Columns        = 32,
  parameter int unsigned RowsPerWord    = 1,
  parameter int unsigned Vectors        = 1,
  parameter int unsigned EntryWidth     = 8,
  parameter int unsigned OperandWidth   = 8,
  parameter int unsigned ResultWidth    = 8,
  parameter int unsigned RowSumWidth    = 20,
  parameter int unsigned ColumnSumWidth = 20,
  parameter bit          RowPass        = 1'b1,
  localparam int unsigned Entries = RowsPerWord * Columns,
  localparam int unsigned FactorWidth = (OperandWidth > ResultWidth) ? OperandWidth : ResultWidth,
  localparam int unsigned ProductWidth = EntryWidth + FactorWidth - 1,
  localparam int unsigned PartialGrowth = ProductWidth + $clog2(RowsPerWord),
  localparam int unsigned PartialWidth =
    (PartialGrowth < ColumnSumWidth) ? PartialGrowth : ColumnSumWidth
) (
  input  wire logic                                       clk_i,
  input  wire logic                                       column_i,  // a column pass; a row pass otherwise
  input  wire logic                                       zero_i,    // the row pass's operand is zero
  input  wire logic [Entries*EntryWidth-1:0]              word_i,
  input  wire logic [Columns*Vectors*OperandWidth-1:0]    operand_i,
  input  wire logic [RowsPerWord*Vectors*ResultWidth-1:0] result_i,
  output logic      [RowsPerWord*Vectors*RowSumWidth-1:0] row_sum_o,
  output logic      [Columns*Vectors*PartialWidth-1:0]    partial_o
);
  // A pass with the narrower factor may need fewer bits than a product of the wider one has.
  localparam int unsigned RowWidth = (ProductWidth < RowSumWidth) ? ProductWidth : RowSumWidth;
  localparam int unsigned ColumnWidth = (ProductWidth < PartialWidth) ? ProductWidth : PartialWidth;
  localparam int unsigned PackedWidth = (Vectors - 1) * ProductWidth + FactorWidth;
  localparam int unsigned WholeWidth = Vectors * ProductWidth;
  // Half a unit of the upper product, so that a negative lower one borrows nothing from it.
  localparam logic [WholeWidth-1:0] Half =
    (Vectors > 1) ? WholeWidth'(1) << (ProductWidth - 1) : '0;

  if (Vectors != 1 && Vectors != 2) begin : gen_bad_vectors
    $error("mac_array: Vectors must be 1 or 2");
  end
  if (Vectors == 2 && (PackedWidth > 25 || EntryWidth > 18)) begin : gen_bad_width
    $error("mac_array: two vectors need an entry of at most 18 bits and EntryWidth + 2 * (operand ",
           "or result width) - 1 of at most 25: a DSP48E1 multiplies 25 by 18 bits");
  end

  logic [Columns*PackedWidth-1:0] row_factor;
  logic [RowsPerWord*PackedWidth-1:0] column_factor;
  logic [Vectors*Entries*RowWidth-1:0] by_row;
  logic [Vectors*Entries*ColumnWidth-1:0] by_column;

  for (genvar n = 0; n < Columns; n++) begin : gen_operand
    packed_factor #(
      .Vectors(Vectors), .SourceWidth(OperandWidth), .FactorWidth(FactorWidth),
      .ProductWidth(ProductWidth)
    ) u_factor (
      .factors_i(operand_i[n*Vectors*OperandWidth +: Vectors*OperandWidth]),
      .packed_o(row_factor[n*PackedWidth +: PackedWidth])
    );
  end
  for (genvar i = 0; i < RowsPerWord; i++) begin : gen_result
    packed_factor #(
      .Vectors(Vectors), .SourceWidth(ResultWidth), .FactorWidth(FactorWidth),
      .ProductWidth(ProductWidth)
    ) u_factor (
      .factors_i(result_i[i*Vectors*ResultWidth +: Vectors*ResultWidth]),
      .packed_o(column_factor[i*PackedWidth +: PackedWidth])
    );
  end

  for (genvar i = 0; i < RowsPerWord; i++) begin : gen_row
    for (genvar n = 0; n < Columns; n++) begin : gen_entry
      localparam int unsigned Entry = i * Columns + n;
      logic signed [EntryWidth-1:0] entry_q;
      logic signed [PackedWidth-1:0] factor_q;
      logic signed [WholeWidth-1:0] product_q;

      // The pass chooses the second factor: the column's operand or the row's result.
      always_ff @(posedge clk_i) begin
        entry_q <= word_i[Entry*EntryWidth +: EntryWidth];
        if (column_i) factor_q <= column_factor[i*PackedWidth +: PackedWidth];
        else factor_q <= zero_i ? '0 : row_factor[n*PackedWidth +: PackedWidth];
        product_q <= WholeWidth'(entry_q) * WholeWidth'(factor_q) + signed'(Half);
      end

      for (genvar v = 0; v < Vectors; v++) begin : gen_vector
        logic [ProductWidth-1:0] product;

        // The half is taken off the lower product again: its uppermost bit alone.
        assign product = product_q[v*ProductWidth +: ProductWidth]
          ^ ((v + 1 < Vectors) ? Half[ProductWidth-1:0] : '0);
        assign by_row[((v*RowsPerWord+i)*Columns+n)*RowWidth +: RowWidth] = product[RowWidth-1:0];
        assign by_column[((n*Vectors+v)*RowsPerWord+i)*ColumnWidth +: ColumnWidth] =
          product[ColumnWidth-1:0];
      end
    end
  end

  for (genvar i = 0; i < RowsPerWord * Vectors; i++) begin : gen_row_sum
    if (RowPass) begin : gen_tree
      adder_tree #(.Count(Columns), .Width(RowWidth), .SumWidth(RowSumWidth)) u_tree (
        .clk_i, .terms_i(by_row[i*Columns*RowWidth +: Columns*RowWidth]),
        .sum_o(row_sum_o[i*RowSumWidth +: RowSumWidth])
      );
    end else begin : gen_none
      logic unused_terms;
      assign unused_terms = ^by_row[i*Columns*RowWidth +: Columns*RowWidth];
      assign row_sum_o[i*RowSumWidth +: RowSumWidth] = '0;
    end
  end
  for (genvar n = 0; n < Columns * Vectors; n++) begin : gen_partial
    adder_tree #(.Count(RowsPerWord), .Width(ColumnWidth), .SumWidth(PartialWidth)) u_tree (
      .clk_i, .terms_i(by_column[n*RowsPerWord*ColumnWidth +: RowsPerWord*ColumnWidth]),
      .sum_o(partial_o[n*PartialWidth +: PartialWidth])
    );
  end
endmodule

`default_nettype wire
