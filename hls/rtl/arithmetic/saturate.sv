// SPDX-License-Identifier: Apache-2.0
// Clips to the symmetric range of TargetWidth, ±(2^(TargetWidth-1) - 1).
// Latency: combinational. Golden model: fixedpoint/numbers/requantize.py.
`default_nettype none

module saturate #(
  parameter int unsigned Width       = 33,
  parameter int unsigned TargetWidth = 8
) (
  input  wire logic signed [Width-1:0]       value_i,
  output logic      signed [TargetWidth-1:0] value_o
);
  localparam logic signed [TargetWidth-1:0] Max = {1'b0, {(TargetWidth - 1) {1'b1}}};
  localparam logic signed [TargetWidth-1:0] Min = -Max;

  if (TargetWidth < 2 || Width < TargetWidth) begin : gen_bad_width
    $error("saturate: TargetWidth must be at least 2 and Width at least that");
  end

  logic [Width-TargetWidth:0] above;  // the target's sign and what lies above it
  logic [TargetWidth-2:0] below;

  assign {above, below} = value_i;

  // A positive integer fits if all bits from the target's sign on are 0, a negative one if they are 1 and
  // it is not the target's most negative integer, which never leaves.
  always_comb begin
    if (value_i >= 0) value_o = (above == '0) ? TargetWidth'(value_i) : Max;
    else value_o = (above == '1 && below != '0) ? TargetWidth'(value_i) : Min;
  end
endmodule

`default_nettype wire
