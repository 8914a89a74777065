// SPDX-License-Identifier: Apache-2.0
// The integers of a beat, clamped to their format: Count fields of SourceWidth bits, two's complement,
// to Count integers of Width bits. The most negative integer of a field is in no format.
// Latency: combinational. Golden model: fixedpoint/numbers/requantize.py with a shift of 0.
`default_nettype none

module beat_clamp #(
  parameter int unsigned Count       = 8,
  parameter int unsigned SourceWidth = 8,
  parameter int unsigned Width       = 8
) (
  input  wire logic [Count*SourceWidth-1:0] beat_i,
  output logic      [Count*Width-1:0]       integers_o
);
  for (genvar i = 0; i < Count; i++) begin : gen_field
    requantize #(.SourceWidth(SourceWidth), .Shift(0), .TargetWidth(Width)) u_clamp (
      .value_i(beat_i[i*SourceWidth +: SourceWidth]), .value_o(integers_o[i*Width +: Width])
    );
  end
endmodule

`default_nettype wire
