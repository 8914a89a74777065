// SPDX-License-Identifier: Apache-2.0
// fold against crease - |value| in wide integers.
`default_nettype none

module fold_formal #(
  parameter int unsigned Width = 16
) (
  input  wire logic         clk_i,
  input  wire logic [255:0] free_i,
  output logic              bad_o
);
  localparam int unsigned Wide = Width + 2;

  logic signed [Width-1:0] value, crease, folded;
  logic signed [Wide-1:0] magnitude;

  assign {crease, value} = free_i[2*Width-1:0];
  assign magnitude = (value < 0) ? -Wide'(value) : Wide'(value);

  fold #(.Width(Width)) u_dut (
    .value_i(value), .crease_i(crease), .folded_o(folded)
  );
  assign bad_o = crease >= 0 && Wide'(folded) != Wide'(crease) - magnitude;

  logic unused;
  assign unused = &{clk_i, free_i};
endmodule

`default_nettype wire
