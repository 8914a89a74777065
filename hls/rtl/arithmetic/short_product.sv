// SPDX-License-Identifier: Apache-2.0
// The exact product of two signed integers of few bits, which need one multiplier.
// Latency: 1 cycle.
`default_nettype none

module short_product #(
  parameter int unsigned AWidth       = 10,
  parameter int unsigned BWidth       = 10,
  parameter int unsigned ProductWidth = 19  // enough for every product that occurs
) (
  input  wire logic                           clk_i,
  input  wire logic signed [AWidth-1:0]       a_i,
  input  wire logic signed [BWidth-1:0]       b_i,
  output logic      signed [ProductWidth-1:0] product_o
);
  if (AWidth < 1 || BWidth < 1 || ProductWidth < 1) begin : gen_bad_width
    $error("short_product: factors and product need at least 1 bit");
  end

  always_ff @(posedge clk_i) product_o <= ProductWidth'(a_i) * ProductWidth'(b_i);
endmodule

`default_nettype wire
