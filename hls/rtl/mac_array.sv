// The multipliers of the engine, one for each entry of an H word, shared by its two passes.
// Row pass: entry (i, n) times operand n, summed over n: RowsPerWord sums, accumulators of A·v.
// Column pass: entry (i, n) times result i, summed over i: Columns partial sums of Aᵀ·r.
// With RowPass = 0 there are column passes alone, and no trees over the rows.
// Entries, operands and results are symmetric (never their most negative integer), so that a product
// needs one bit less than both factors together.
// Latency: row sums 2 + $clog2(Columns) cycles, partial sums 2 + $clog2(RowsPerWord): an operand
// register, a product register, one register a level of the trees.
module mac_array #(
  parameter int unsigned Columns        = 32,
  parameter int unsigned RowsPerWord    = 1,
  parameter int unsigned EntryWidth     = 8,
  parameter int unsigned OperandWidth   = 8,
  parameter int unsigned ResultWidth    = 8,
  parameter int unsigned RowSumWidth    = 20,
  parameter int unsigned ColumnSumWidth = 20,
  parameter bit          RowPass        = 1'b1,
  localparam int unsigned Lanes = RowsPerWord * Columns,
  localparam int unsigned FactorWidth = (OperandWidth > ResultWidth) ? OperandWidth : ResultWidth,
  localparam int unsigned ProductWidth = EntryWidth + FactorWidth - 1,
  localparam int unsigned PartialGrowth = ProductWidth + $clog2(RowsPerWord),
  localparam int unsigned PartialWidth =
    (PartialGrowth < ColumnSumWidth) ? PartialGrowth : ColumnSumWidth
) (
  input  logic                               clk_i,
  input  logic                               column_i,  // a column pass; a row pass otherwise
  input  logic                               zero_i,    // the row pass's operand is zero
  input  logic [Lanes*EntryWidth-1:0]        word_i,
  input  logic [Columns*OperandWidth-1:0]    operand_i,
  input  logic [RowsPerWord*ResultWidth-1:0] result_i,
  output logic [RowsPerWord*RowSumWidth-1:0] row_sum_o,
  output logic [Columns*PartialWidth-1:0]    partial_o
);
  // A pass with the narrower factor may need fewer bits than a product of the wider one has.
  localparam int unsigned RowWidth = (ProductWidth < RowSumWidth) ? ProductWidth : RowSumWidth;
  localparam int unsigned ColumnWidth = (ProductWidth < PartialWidth) ? ProductWidth : PartialWidth;

  logic [Lanes*RowWidth-1:0] by_row;
  logic [Lanes*ColumnWidth-1:0] by_column;

  for (genvar i = 0; i < RowsPerWord; i++) begin : gen_row
    for (genvar n = 0; n < Columns; n++) begin : gen_lane
      localparam int unsigned Lane = i * Columns + n;
      logic signed [EntryWidth-1:0] entry_q;
      logic signed [FactorWidth-1:0] row_factor, column_factor, factor_q;
      logic signed [ProductWidth-1:0] product_q;

      assign row_factor    = FactorWidth'(signed'(operand_i[n*OperandWidth +: OperandWidth]));
      assign column_factor = FactorWidth'(signed'(result_i[i*ResultWidth +: ResultWidth]));

      // The pass chooses the second factor: the column's operand or the row's result.
      always_ff @(posedge clk_i) begin
        entry_q <= word_i[Lane*EntryWidth +: EntryWidth];
        if (column_i) factor_q <= column_factor;
        else factor_q <= zero_i ? '0 : row_factor;
        product_q <= ProductWidth'(entry_q) * ProductWidth'(factor_q);
      end

      assign by_row[Lane*RowWidth +: RowWidth] = product_q[RowWidth-1:0];
      assign by_column[(n*RowsPerWord+i)*ColumnWidth +: ColumnWidth] = product_q[ColumnWidth-1:0];
    end

    if (RowPass) begin : gen_sum
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

  for (genvar n = 0; n < Columns; n++) begin : gen_column
    adder_tree #(.Count(RowsPerWord), .Width(ColumnWidth), .SumWidth(PartialWidth)) u_tree (
      .clk_i, .terms_i(by_column[n*RowsPerWord*ColumnWidth +: RowsPerWord*ColumnWidth]),
      .sum_o(partial_o[n*PartialWidth +: PartialWidth])
    );
  end
endmodule
