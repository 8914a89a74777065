// SPDX-License-Identifier: Apache-2.0
// beat_clamp: an integer of the target's symmetric range passes, any other becomes the range's nearer end.
`default_nettype none

module beat_clamp_formal #(
  parameter int unsigned Count       = 8,
  parameter int unsigned SourceWidth = 8,
  parameter int unsigned Width       = 8
) (
  input  wire logic         clk_i,
  input  wire logic [255:0] free_i,
  output logic              bad_o
);
  localparam int unsigned Wide = ((SourceWidth > Width) ? SourceWidth : Width) + 1;
  localparam logic signed [Wide-1:0] Largest = (Wide'(1) << (Width - 1)) - Wide'(1);

  logic [Count*Width-1:0] integers;
  logic [Count-1:0] broken;

  beat_clamp #(.Count(Count), .SourceWidth(SourceWidth), .Width(Width)) u_dut (
    .beat_i(free_i[Count*SourceWidth-1:0]), .integers_o(integers)
  );

  for (genvar i = 0; i < Count; i++) begin : gen_field
    logic signed [SourceWidth-1:0] field;
    logic signed [Width-1:0] integer_out;
    logic signed [Wide-1:0] expected;

    assign field       = free_i[i*SourceWidth+:SourceWidth];
    assign integer_out = integers[i*Width+:Width];
    assign expected = (Wide'(field) > Largest) ? Largest
      : (Wide'(field) < -Largest) ? -Largest : Wide'(field);
    assign broken[i] = Wide'(integer_out) != expected;
  end
  assign bad_o = broken != '0;

  logic unused;
  assign unused = &{clk_i, free_i};
endmodule

`default_nettype wire
