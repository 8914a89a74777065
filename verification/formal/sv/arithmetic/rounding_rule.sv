// SPDX-License-Identifier: Apache-2.0
// What requantize promises, without its arithmetic: the result r of v is the integer with
// (2r - 1)·2^Shift <= 2v < (2r + 1)·2^Shift, half up; at the ends of the target's symmetric range one of the
// two bounds falls away. The target's most negative integer never leaves.
`default_nettype none

module rounding_rule #(
  parameter int unsigned SourceWidth = 32,
  parameter int          Shift       = 8,
  parameter int unsigned TargetWidth = 8
) (
  input  wire logic signed [SourceWidth-1:0] source_i,
  input  wire logic signed [TargetWidth-1:0] result_i,
  output logic                               broken_o
);
  localparam int unsigned Right = (Shift > 0) ? unsigned'(Shift) : 0;
  localparam int unsigned Left = (Shift < 0) ? unsigned'(-Shift) : 0;
  localparam int unsigned SourceBits = SourceWidth + Left;
  localparam int unsigned ResultBits = TargetWidth + Right;
  localparam int unsigned Wide = ((SourceBits > ResultBits) ? SourceBits : ResultBits) + 2;
  localparam logic signed [Wide-1:0] Largest = (Wide'(1) << (TargetWidth - 1)) - Wide'(1);

  logic signed [Wide-1:0] twice, result, above, below;

  assign twice  = Wide'(source_i) <<< (Left + 1);
  assign result = Wide'(result_i);
  assign below  = (2 * result - Wide'(1)) <<< Right;
  assign above  = (2 * result + Wide'(1)) <<< Right;

  assign broken_o = result < -Largest || (result > -Largest && twice < below)
    || (result < Largest && twice >= above);
endmodule

`default_nettype wire
