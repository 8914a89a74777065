// SPDX-License-Identifier: Apache-2.0
// Flags and counts what is dropped, of up to two vectors a cycle; the count saturates.
// Latency: error_o 1 cycle, errors_o 2.
`default_nettype none

module drop_count #(
  parameter int unsigned Vectors    = 1,
  parameter int unsigned CountWidth = 16
) (
  input  wire logic                  clk_i,
  input  wire logic                  rst_ni,
  input  wire logic [Vectors-1:0]    drop_i,
  output logic      [Vectors-1:0]    error_o,
  output logic      [CountWidth-1:0] errors_o
);
  localparam int unsigned SumWidth = CountWidth + 1;

  logic [SumWidth-1:0] sum;

  assign sum = SumWidth'(errors_o) + SumWidth'(error_o[0]) + SumWidth'(error_o[Vectors-1] && Vectors > 1);

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      error_o  <= '0;
      errors_o <= '0;
    end else begin
      error_o  <= drop_i;
      errors_o <= sum[CountWidth] ? '1 : CountWidth'(sum);
    end
  end
endmodule

`default_nettype wire
