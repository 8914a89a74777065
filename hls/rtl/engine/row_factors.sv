// SPDX-License-Identifier: Apache-2.0
// The factors of a word's rows in a column pass: the results of their row pass, or in the first layer of column
// passes alone their records. Rows of a word that are none of the matrices' (padding) count for nothing: what is
// stored there, and comes back as their results, is anything; a zero in its place keeps it out of the column sums.
// They are those above LastRows in the last word, above FrontLast in the last one that a first matrix fills, and
// all of the words from there to FrontWords.
// What is of a vector is Vectors times as wide, vector 0 lowest; in factor_o the vectors of a row are neighbours.
// Latency: 1 cycle; word_i comes a cycle ahead of the rest. Golden model: none, no integer of a matrix is changed.
`default_nettype none

module row_factors #(
  parameter int unsigned Vectors     = 1,
  parameter int unsigned RowsPerWord = 1,
  parameter int unsigned RecordWidth = 12,
  parameter int unsigned ResultWidth = 8,
  parameter int unsigned FactorWidth = 8,
  parameter bit          Records     = 1'b0,         // the first layer's are the records
  parameter int unsigned Words       = 32,
  parameter int unsigned LastRows    = RowsPerWord,
  parameter int unsigned FilledWords = 0,            // of the first matrix
  parameter int unsigned FrontLast   = RowsPerWord,
  parameter int unsigned FrontWords  = FilledWords,
  localparam int unsigned WordWidth = (Words > 1) ? $clog2(Words) : 1
) (
  input  wire logic                                       clk_i,
  input  wire logic [WordWidth-1:0]                       word_i,
  input  wire logic                                       first_i,  // of the layers
  input  wire logic [Vectors*RowsPerWord*RecordWidth-1:0] record_i,
  input  wire logic [Vectors*RowsPerWord*ResultWidth-1:0] result_i,
  output logic      [RowsPerWord*Vectors*FactorWidth-1:0] factor_o
);
  logic [RowsPerWord-1:0] padding_q;

  for (genvar i = 0; i < RowsPerWord; i++) begin : gen_padding
    localparam bit Last = i >= LastRows, Front = i >= FrontLast;

    if (Last || Front || FrontWords > FilledWords) begin : gen_row
      always_ff @(posedge clk_i) begin
        padding_q[i] <= (Last && word_i == WordWidth'(Words - 1))
          || (Front && word_i == WordWidth'(FilledWords - 1))
          || (FrontWords > FilledWords && word_i >= WordWidth'(FilledWords) && word_i < WordWidth'(FrontWords));
      end
    end else begin : gen_none
      assign padding_q[i] = 1'b0;
    end
  end

  for (genvar i = 0; i < Vectors * RowsPerWord; i++) begin : gen_factor
    localparam int unsigned Row = i % RowsPerWord;
    localparam int unsigned Place = Row * Vectors + i / RowsPerWord;
    logic [FactorWidth-1:0] factor;

    assign factor = (Records && first_i)
      ? FactorWidth'(signed'(record_i[i*RecordWidth +: RecordWidth]))
      : FactorWidth'(signed'(result_i[i*ResultWidth +: ResultWidth]));
    always_ff @(posedge clk_i) factor_o[Place*FactorWidth +: FactorWidth] <= padding_q[Row] ? '0 : factor;
  end

  // Where nothing is padded the word has no say, and without records these have none.
  logic unused;
  assign unused = ^{word_i, first_i, record_i};
endmodule

`default_nettype wire
