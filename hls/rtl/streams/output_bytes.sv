// SPDX-License-Identifier: Apache-2.0
// A column as it leaves: state, code, if there is one, and decided bits, each padded to whole bytes, the
// integers by their sign.
// Latency: combinational.
`default_nettype none

module output_bytes #(
  parameter int unsigned StateWidth = 16,
  parameter int unsigned CodeWidth  = 8,  // 0: no code
  parameter int unsigned BitsWidth  = 2,
  localparam int unsigned Width = BitsWidth + CodeWidth + StateWidth,
  localparam int unsigned StateBytes = (StateWidth + 7) / 8,
  localparam int unsigned CodeBytes = (CodeWidth + 7) / 8,
  localparam int unsigned BitsBytes = (BitsWidth + 7) / 8,
  localparam int unsigned Bytes = StateBytes + CodeBytes + BitsBytes
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
endmodule

`default_nettype wire
