// SPDX-License-Identifier: Apache-2.0
// The exact product of two signed integers, by multipliers as product has it, or in logic.
// Latency: 2 cycles.
`default_nettype none

module either_product #(
  parameter int unsigned AWidth          = 8,   // the narrower factor's
  parameter int unsigned BWidth          = 13,
  parameter int unsigned ProductWidth    = 20,  // enough for every product that occurs
  parameter int unsigned MultiplierWidth = 18,  // of product
  parameter bit          Logic           = 1'b0
) (
  input  wire logic                           clk_i,
  input  wire logic signed [AWidth-1:0]       a_i,
  input  wire logic signed [BWidth-1:0]       b_i,
  output logic      signed [ProductWidth-1:0] product_o
);
  if (Logic) begin : gen_logic
    logic signed [AWidth+BWidth-2:0] whole;

    logic_product #(.FirstWidth(AWidth), .SecondWidth(BWidth)) u_product (
      .clk_i, .first_i(a_i), .second_i(b_i), .product_o(whole)
    );
    assign product_o = ProductWidth'(whole);
  end else begin : gen_multiplier
    product #(
      .AWidth(AWidth), .BWidth(BWidth), .ProductWidth(ProductWidth), .MultiplierWidth(MultiplierWidth)
    ) u_product (
      .clk_i, .a_i, .b_i, .product_o
    );
  end
endmodule

`default_nettype wire
