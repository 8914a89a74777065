// SPDX-License-Identifier: Apache-2.0
// logic_product against the plain * of symmetric factors, two cycles later.
`default_nettype none

module logic_product_formal #(
  parameter int unsigned FirstWidth  = 8,
  parameter int unsigned SecondWidth = 13
) (
  input  wire logic         clk_i,
  input  wire logic [255:0] free_i,
  output logic              bad_o
);
  localparam int unsigned ProductWidth = FirstWidth + SecondWidth - 1;

  logic [1:0] age_q = '0;
  logic signed [FirstWidth-1:0] first;
  logic signed [SecondWidth-1:0] second;
  logic signed [ProductWidth-1:0] plain_q, plain_qq, product;
  logic legal_q, legal_qq;

  assign {second, first} = free_i[FirstWidth+SecondWidth-1:0];

  always_ff @(posedge clk_i) begin
    age_q    <= {age_q[0], 1'b1};
    plain_q  <= ProductWidth'(first) * ProductWidth'(second);
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
