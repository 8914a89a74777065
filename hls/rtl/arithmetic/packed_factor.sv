// SPDX-License-Identifier: Apache-2.0
// The factors of one or two vectors as the one factor of a multiplier: v0, or v1·2^ProductWidth + v0.
// v0 is sign-extended under v1, which loses 1 if v0 is negative; as factors are symmetric, it fits.
// Latency: combinational.
`default_nettype none

module packed_factor #(
  parameter int unsigned Vectors      = 2,
  parameter int unsigned SourceWidth  = 8,
  parameter int unsigned FactorWidth  = 8,   // at least SourceWidth
  parameter int unsigned ProductWidth = 15,
  localparam int unsigned PackedWidth = (Vectors - 1) * ProductWidth + FactorWidth
) (
  input  wire logic [Vectors*SourceWidth-1:0] factors_i,  // v0 lowest
  output logic      [PackedWidth-1:0]         packed_o
);
  logic signed [SourceWidth-1:0] first;

  assign first = factors_i[SourceWidth-1:0];

  if (Vectors == 1) begin : gen_single
    assign packed_o = PackedWidth'(first);
  end else begin : gen_pair
    logic signed [SourceWidth-1:0] second;

    assign second   = factors_i[2*SourceWidth-1:SourceWidth];
    assign packed_o = {FactorWidth'(second) - FactorWidth'(first < 0), ProductWidth'(first)};
  end
endmodule

`default_nettype wire
