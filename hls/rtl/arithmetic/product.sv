// SPDX-License-Identifier: Apache-2.0
// The exact product of two signed integers by multipliers of MultiplierWidth x 18 bits: a wider factor is
// split into limbs of a bit less, the lower ones without a sign, whose products are added a cycle later.
// Factors that come out of registers leave a multiplier a whole cycle.
// Latency: 2 cycles (products of the limbs, their sum).
`default_nettype none

module product #(
  parameter int unsigned AWidth       = 20,
  parameter int unsigned BWidth       = 13,
  parameter int unsigned ProductWidth = 32,  // enough for every product that occurs
  parameter int unsigned MultiplierWidth = 18  // for the first factor; 25 of a DSP48E1
) (
  input  wire logic                           clk_i,
  input  wire logic signed [AWidth-1:0]       a_i,
  input  wire logic signed [BWidth-1:0]       b_i,
  output logic      signed [ProductWidth-1:0] product_o
);
  localparam int unsigned ALimb = MultiplierWidth - 1;
  localparam int unsigned BLimb = 17;
  localparam int unsigned ALimbs = (AWidth - 2) / ALimb + 1;
  localparam int unsigned BLimbs = (BWidth - 2) / BLimb + 1;

  if (AWidth < 2 || BWidth < 2 || ProductWidth < 1 || MultiplierWidth < 2) begin : gen_bad_width
    $error("product: the factors and a multiplier need at least 2 bits, the product 1");
  end

  logic [ALimbs*BLimbs-1:0][ProductWidth-1:0] terms_q;
  logic [ProductWidth-1:0] sum;

  for (genvar i = 0; i < ALimbs; i++) begin : gen_a
    localparam int unsigned AFirst = i * ALimb;
    localparam int unsigned ABits = (i < ALimbs - 1) ? ALimb : AWidth - AFirst;

    for (genvar j = 0; j < BLimbs; j++) begin : gen_b
      localparam int unsigned BFirst = j * BLimb;
      localparam int unsigned BBits = (j < BLimbs - 1) ? BLimb : BWidth - BFirst;
      localparam int unsigned Exact = ABits + BBits + 2;
      localparam int unsigned Width = (Exact < ProductWidth) ? Exact : ProductWidth;
      logic signed [ABits:0] a;
      logic signed [BBits:0] b;
      logic signed [Width-1:0] term_q;

      // The highest limb has the factor's sign, a lower one none.
      assign a = {(i == ALimbs - 1) && a_i[AWidth-1], a_i[AFirst +: ABits]};
      assign b = {(j == BLimbs - 1) && b_i[BWidth-1], b_i[BFirst +: BBits]};

      always_ff @(posedge clk_i) term_q <= Width'(a) * Width'(b);
      assign terms_q[i*BLimbs+j] = ProductWidth'(term_q) << (AFirst + BFirst);
    end
  end

  // Modulo 2^ProductWidth: what lies between may be wider than the product.
  always_comb begin
    sum = '0;
    for (int unsigned k = 0; k < ALimbs * BLimbs; k++) sum += terms_q[k];
  end
  always_ff @(posedge clk_i) product_o <= sum;
endmodule

`default_nettype wire
