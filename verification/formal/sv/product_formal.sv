// SPDX-License-Identifier: Apache-2.0
// product against the plain *, wherever ProductWidth holds it, two cycles later.
`default_nettype none

module product_formal #(
  parameter int unsigned AWidth          = 20,
  parameter int unsigned BWidth          = 13,
  parameter int unsigned ProductWidth    = 32,
  parameter int unsigned MultiplierWidth = 18
) (
  input  wire logic         clk_i,
  input  wire logic [255:0] free_i,
  output logic              bad_o
);
  localparam int unsigned Exact = AWidth + BWidth;
  localparam int unsigned Wide = (Exact > ProductWidth) ? Exact : ProductWidth;

  logic [1:0] age_q = '0;
  logic signed [AWidth-1:0] a;
  logic signed [BWidth-1:0] b;
  logic signed [Wide-1:0] plain_q, plain_qq;
  logic signed [ProductWidth-1:0] product;

  assign {b, a} = free_i[Exact-1:0];

  always_ff @(posedge clk_i) begin
    age_q    <= {age_q[0], 1'b1};
    plain_q  <= Wide'(a) * Wide'(b);
    plain_qq <= plain_q;
  end

  product #(
    .AWidth(AWidth), .BWidth(BWidth), .ProductWidth(ProductWidth), .MultiplierWidth(MultiplierWidth)
  ) u_dut (
    .clk_i, .a_i(a), .b_i(b), .product_o(product)
  );
  assign bad_o = age_q[1] && ProductWidth'(plain_qq) != product;
endmodule

`default_nettype wire
