// SPDX-License-Identifier: Apache-2.0
// logic_product against the plain * of symmetric factors, two cycles later. Of wide factors no SAT solver
// decides that: with Split the plain product is the sum of the second factor's copies, one for each bit of the
// first at that bit's weight, in pairs of neighbours.
`default_nettype none

module logic_product_formal #(
  parameter int unsigned FirstWidth  = 8,
  parameter int unsigned SecondWidth = 13,
  parameter bit          Split       = 1'b0
) (
  input  wire logic         clk_i,
  input  wire logic [255:0] free_i,
  output logic              bad_o
);
  localparam int unsigned ProductWidth = FirstWidth + SecondWidth - 1;

  logic [1:0] age_q = '0;
  logic signed [FirstWidth-1:0] first;
  logic signed [SecondWidth-1:0] second;
  logic signed [ProductWidth-1:0] plain, plain_q, plain_qq, product;
  logic legal_q, legal_qq;

  assign {second, first} = free_i[FirstWidth+SecondWidth-1:0];

  if (Split) begin : gen_copies
    localparam int unsigned Levels = $clog2(FirstWidth);
    logic [(1<<Levels)-1:0][ProductWidth-1:0] sums;

    always_comb begin
      sums = '0;
      for (int unsigned n = 0; n < FirstWidth; n++) sums[n] = first[n] ? ProductWidth'(second) : '0;
      sums[FirstWidth-1] = -sums[FirstWidth-1];
      for (int unsigned l = 0; l < Levels; l++) begin
        for (int unsigned i = 0; i < 1 << (Levels - l - 1); i++) begin
          sums[i] = sums[2*i] + (sums[2*i+1] << (1 << l));
        end
      end
    end
    assign plain = sums[0];
  end else begin : gen_whole
    assign plain = ProductWidth'(first) * ProductWidth'(second);
  end

  always_ff @(posedge clk_i) begin
    age_q    <= {age_q[0], 1'b1};
    plain_q  <= plain;
    plain_qq <= plain_q;
    legal_q  <= (first == '0 || first != -first) && (second == '0 || second != -second);
    legal_qq <= legal_q;
  end

  logic_product #(.FirstWidth(FirstWidth), .SecondWidth(SecondWidth)) u_dut (
    .clk_i, .first_i(first), .second_i(second), .product_o(product)
  );
  assign bad_o = age_q[1] && legal_qq && product != plain_qq;
endmodule

`default_nettype wire
