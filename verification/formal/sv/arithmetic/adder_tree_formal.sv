// SPDX-License-Identifier: Apache-2.0
// adder_tree against the plain sum of its terms in the sum's width, after a cycle a level. The sum is made in
// pairs of neighbours, as the tree does: what a solver is asked is whether narrower levels lose anything.
`default_nettype none

module adder_tree_formal #(
  parameter int unsigned Count    = 4,
  parameter int unsigned Width    = 8,
  parameter int unsigned SumWidth = 10
) (
  input  wire logic          clk_i,
  input  wire logic [767:0] free_i,
  output logic               bad_o
);
  localparam int unsigned Levels = $clog2(Count);
  localparam int unsigned Places = 1 << Levels;

  logic signed [SumWidth-1:0] sum;
  logic [Places-1:0][SumWidth-1:0] sums;
  logic signed [Width-1:0] term;

  adder_tree #(.Count(Count), .Width(Width), .SumWidth(SumWidth)) u_dut (
    .clk_i, .terms_i(free_i[Count*Width-1:0]), .sum_o(sum)
  );

  always_comb begin
    sums = '0;
    for (int unsigned i = 0; i < Count; i++) begin
      term    = free_i[i*Width +: Width];
      sums[i] = SumWidth'(term);
    end
    for (int unsigned l = 0; l < Levels; l++) begin
      for (int unsigned i = 0; i < Places >> (l + 1); i++) sums[i] = sums[2*i] + sums[2*i+1];
    end
  end

  // The sum of now in front, those of the cycles before behind it.
  logic [Levels:0] known;
  logic [Levels:0][SumWidth-1:0] expected;
  assign known[0]    = 1'b1;
  assign expected[0] = sums[0];
  for (genvar l = 0; l < Levels; l++) begin : gen_age
    logic known_q = 1'b0;
    always_ff @(posedge clk_i) begin
      known_q       <= known[l];
      expected[l+1] <= expected[l];
    end
    assign known[l+1] = known_q;
  end

  assign bad_o = known[Levels] && expected[Levels] != sum;

  logic unused;
  assign unused = &{clk_i, free_i};
endmodule

`default_nettype wire
