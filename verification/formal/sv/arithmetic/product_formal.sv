// SPDX-License-Identifier: Apache-2.0
// product against the plain *, wherever ProductWidth holds it, two cycles later. Of wide factors no SAT solver
// decides that: with Split the plain products are those of their halves, a = high·2^Cut + low, which the law of
// distribution adds to a·b.
`default_nettype none

module product_formal #(
  parameter int unsigned AWidth          = 20,
  parameter int unsigned BWidth          = 13,
  parameter int unsigned ProductWidth    = 32,
  parameter int unsigned MultiplierWidth = 18,
  parameter bit          Split           = 1'b0
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
  logic signed [Wide-1:0] plain, plain_q, plain_qq;
  logic signed [ProductWidth-1:0] product;

  assign {b, a} = free_i[Exact-1:0];

  if (Split) begin : gen_halves
    // A factor that one multiplier takes is all high; else its low half has no sign.
    localparam int unsigned ACut = (AWidth > MultiplierWidth) ? MultiplierWidth - 1 : 0;
    localparam int unsigned BCut = (BWidth > 18) ? 17 : 0;
    logic signed [AWidth-ACut-1:0] a_high;
    logic signed [BWidth-BCut-1:0] b_high;
    logic signed [MultiplierWidth-1:0] a_low;
    logic signed [17:0] b_low;

    assign a_high = a[AWidth-1:ACut];
    assign b_high = b[BWidth-1:BCut];
    assign a_low  = MultiplierWidth'(unsigned'(a)) & ~('1 << ACut);
    assign b_low  = 18'(unsigned'(b)) & ~('1 << BCut);
    assign plain  = (Wide'(a_low) * Wide'(b_low)) + ((Wide'(a_low) * Wide'(b_high)) << BCut)
      + ((Wide'(a_high) * Wide'(b_low)) << ACut) + ((Wide'(a_high) * Wide'(b_high)) << (ACut + BCut));
  end else begin : gen_whole
    assign plain = Wide'(a) * Wide'(b);
  end

  always_ff @(posedge clk_i) begin
    age_q    <= {age_q[0], 1'b1};
    plain_q  <= plain;
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
