// SPDX-License-Identifier: Apache-2.0
// slicer: its Gray bits, decoded bit by bit, are the number of thresholds that the state does not lie below.
`default_nettype none

module slicer_formal #(
  parameter int unsigned            Width      = 16,
  parameter int unsigned            Bits       = 2,
  parameter int unsigned            Count      = 3,
  parameter logic [Count*Width-1:0] Thresholds = '0
) (
  input  wire logic         clk_i,
  input  wire logic [255:0] free_i,
  output logic              bad_o
);
  logic signed [Width-1:0] state;
  logic [Bits-1:0] bits, position;
  logic [Bits:0] expected;
  logic signed [Width:0] difference;

  assign state = free_i[Width-1:0];

  slicer #(.Width(Width), .Bits(Bits), .Count(Count), .Thresholds(Thresholds)) u_dut (
    .state_i(state), .bits_o(bits)
  );

  always_comb begin
    for (int unsigned i = 0; i < Bits; i++) position[i] = ^(bits >> i);
    expected = '0;
    for (int unsigned i = 0; i < Count; i++) begin
      difference = (Width + 1)'(state) - (Width + 1)'(signed'(Thresholds[i*Width+:Width]));
      if (!difference[Width]) expected = expected + (Bits + 1)'(1);
    end
  end
  assign bad_o = {1'b0, position} != expected;

  logic unused;
  assign unused = &{clk_i, free_i};
endmodule

`default_nettype wire
