// SPDX-License-Identifier: Apache-2.0
// A column as it leaves: state, code, if there is one, decided bits, and soft bits, if there are any, each
// padded to whole bytes, the integers by their sign. The first bit of a dimension has the lowest soft bit.
// Latency: combinational.
`default_nettype none

module output_bytes #(
  parameter int unsigned StateWidth = 16,
  parameter int unsigned CodeWidth  = 8,  // 0: no code
  parameter int unsigned BitsWidth  = 2,
  parameter int unsigned LlrWidth   = 0,
  parameter int unsigned LlrCount   = 0,  // 0: no soft bits
  localparam int unsigned Width = LlrCount * LlrWidth + BitsWidth + CodeWidth + StateWidth,
  localparam int unsigned StateBytes = (StateWidth + 7) / 8,
  localparam int unsigned CodeBytes = (CodeWidth + 7) / 8,
  localparam int unsigned BitsBytes = (BitsWidth + 7) / 8,
  localparam int unsigned LlrBytes = (LlrWidth + 7) / 8,
  localparam int unsigned Bytes = StateBytes + CodeBytes + BitsBytes + LlrCount * LlrBytes
) (
  input  wire logic [Width-1:0]   column_i,
  output logic      [8*Bytes-1:0] bytes_o
);
  localparam int unsigned BitsAt = StateWidth + CodeWidth;
  localparam int unsigned BitsByte = StateBytes + CodeBytes;

  assign bytes_o[8*StateBytes-1:0] = (8 * StateBytes)'(signed'(column_i[StateWidth-1:0]));
  assign bytes_o[8*BitsByte +: 8*BitsBytes] = (8 * BitsBytes)'(column_i[BitsAt +: BitsWidth]);

  if (CodeWidth > 0) begin : gen_code
    assign bytes_o[8*StateBytes +: 8*CodeBytes] = (8 * CodeBytes)'(signed'(column_i[StateWidth +: CodeWidth]));
  end
  for (genvar b = 0; b < LlrCount; b++) begin : gen_soft
    assign bytes_o[8*(BitsByte+BitsBytes+b*LlrBytes) +: 8*LlrBytes] =
      (8 * LlrBytes)'(signed'(column_i[BitsAt+BitsWidth+b*LlrWidth +: LlrWidth]));
  end
endmodule

`default_nettype wire
