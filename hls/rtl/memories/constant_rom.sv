// SPDX-License-Identifier: Apache-2.0
// A bank of constants, read from a .mem file that `python -m hls.emit` writes.
// Latency: 1 cycle. An address beyond Depth is never given.
`default_nettype none

module constant_rom #(
  parameter int unsigned Width = 16,
  parameter int unsigned Depth = 180,
  parameter string       File  = "step.mem",
  localparam int unsigned AddressWidth = (Depth > 1) ? $clog2(Depth) : 1
) (
  input  wire logic                    clk_i,
  input  wire logic [AddressWidth-1:0] address_i,
  output logic      [Width-1:0]        data_o
);
  logic [Width-1:0] memory[Depth];

  initial $readmemh(File, memory);

  always_ff @(posedge clk_i) data_o <= memory[address_i];
endmodule

`default_nettype wire
