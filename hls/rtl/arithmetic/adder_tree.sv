// SPDX-License-Identifier: Apache-2.0
// The sum of Count signed integers, in SumWidth bits. Levels grow by a bit each up to SumWidth; the sum
// is exact if it fits there, as arithmetic modulo 2^SumWidth needs no more for what lies between.
// Latency: $clog2(Count) cycles, a register behind each level (none for Count = 1).
`default_nettype none

module adder_tree #(
  parameter int unsigned Count    = 32,
  parameter int unsigned Width    = 15,
  parameter int unsigned SumWidth = 20,
  localparam int unsigned Levels = $clog2(Count)
) (
  input  wire logic                       clk_i,
  input  wire logic [Count*Width-1:0]     terms_i,
  output logic      signed [SumWidth-1:0] sum_o
);
  if (Count < 1 || Width < 1 || Width > SumWidth) begin : gen_bad_size
    $error("adder_tree: Count and Width must be at least 1, SumWidth at least Width");
  end

  // Level l holds 2^(Levels-l) sums of 2^l terms; absent terms are zero.
  for (genvar l = 0; l <= Levels; l++) begin : gen_level
    localparam int unsigned Nodes = 1 << (Levels - l);
    localparam int unsigned NodeWidth = (Width + l < SumWidth) ? Width + l : SumWidth;
    for (genvar n = 0; n < Nodes; n++) begin : gen_node
      logic signed [NodeWidth-1:0] sum;
      if (l > 0) begin : gen_adder
        always_ff @(posedge clk_i) begin
          sum <= NodeWidth'(gen_level[l-1].gen_node[2*n].sum)
            + NodeWidth'(gen_level[l-1].gen_node[2*n+1].sum);
        end
      end else if (n < Count) begin : gen_term
        assign sum = terms_i[n*Width +: Width];
      end else begin : gen_zero
        assign sum = '0;
      end
    end
  end

  assign sum_o = SumWidth'(gen_level[Levels].gen_node[0].sum);

  if (Levels == 0) begin : gen_unclocked
    logic unused_clk;
    assign unused_clk = clk_i;
  end
endmodule

`default_nettype wire
