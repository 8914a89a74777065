// SPDX-License-Identifier: Apache-2.0
// An exact product of two integers in logic: sums of shifted copies of the second factor, one for each
// bit of the first, so that no tool makes a multiplier block of it. Give the narrower factor first.
// Both are symmetric (never their most negative integer): the product needs one bit less than both.
// Latency: 2 cycles, a register behind the sums of two copies and one behind the product.
`default_nettype none

module logic_product #(
  parameter int unsigned FirstWidth  = 8,
  parameter int unsigned SecondWidth = 13,
  localparam int unsigned ProductWidth = FirstWidth + SecondWidth - 1
) (
  input  wire logic                           clk_i,
  input  wire logic signed [FirstWidth-1:0]   first_i,
  input  wire logic signed [SecondWidth-1:0]  second_i,
  output logic      signed [ProductWidth-1:0] product_o
);
  localparam int unsigned Levels = $clog2(FirstWidth);

  // Level l holds sums of 2^l copies each, at the weight of the lowest of them; no sum needs more bits
  // than the product, as arithmetic modulo 2^ProductWidth ends in it.
  for (genvar l = 0; l <= Levels; l++) begin : gen_level
    localparam int unsigned Nodes = 1 << (Levels - l);
    localparam int unsigned Grown = (l > 0) ? SecondWidth + 2 ** l : SecondWidth;
    localparam int unsigned Width = (Grown < ProductWidth) ? Grown : ProductWidth;
    for (genvar n = 0; n < Nodes; n++) begin : gen_node
      logic signed [Width-1:0] sum;
      if (l > 0) begin : gen_adder
        logic signed [Width-1:0] total;
        assign total = Width'(gen_level[l-1].gen_node[2*n].sum)
          + (Width'(gen_level[l-1].gen_node[2*n+1].sum) <<< (1 << (l - 1)));
        if (l == 1) begin : gen_register
          always_ff @(posedge clk_i) sum <= total;
        end else begin : gen_wire
          assign sum = total;
        end
      end else if (n < FirstWidth) begin : gen_copy
        logic signed [Width-1:0] copy;
        assign copy = first_i[n] ? second_i : '0;
        assign sum  = (n == FirstWidth - 1) ? -copy : copy;  // the sign bit counts negative
      end else begin : gen_none
        assign sum = '0;
      end
    end
  end

  always_ff @(posedge clk_i) product_o <= gen_level[Levels].gen_node[0].sum;
endmodule

`default_nettype wire
