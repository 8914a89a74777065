// SPDX-License-Identifier: Apache-2.0
// A shift register: data_o is data_i of Depth cycles before. Not reset: it carries data, not control.
`default_nettype none

module delay #(
  parameter int unsigned Width = 8,
  parameter int unsigned Depth = 1
) (
  input  wire logic             clk_i,
  input  wire logic [Width-1:0] data_i,
  output logic      [Width-1:0] data_o
);
  if (Depth < 1) begin : gen_bad_depth
    $error("delay: Depth must be at least 1");
  end

  for (genvar i = 0; i < Depth; i++) begin : gen_stage
    logic [Width-1:0] data_q;
    if (i == 0) begin : gen_first
      always_ff @(posedge clk_i) data_q <= data_i;
    end else begin : gen_next
      always_ff @(posedge clk_i) data_q <= gen_stage[i-1].data_q;
    end
  end

  assign data_o = gen_stage[Depth-1].data_q;
endmodule

`default_nettype wire
