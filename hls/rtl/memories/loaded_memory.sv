// SPDX-License-Identifier: Apache-2.0
// Constants in three banks: bank 0 comes from a .mem file and is never written, banks 1 and 2 are
// the table port's. What is written is clamped to the constants' format.
// Latency: 1 cycle from bank_i and address_i to data_o.
`default_nettype none

module loaded_memory #(
  parameter int unsigned Width        = 10,
  parameter int unsigned Depth        = 5,  // of a bank
  parameter int unsigned AddressWidth = 3,
  parameter string       File         = "step.mem"
) (
  input  wire logic                    clk_i,
  input  wire logic                    write_i,
  input  wire logic [1:0]              write_bank_i,
  input  wire logic [AddressWidth-1:0] write_address_i,
  input  wire logic [15:0]             write_data_i,
  input  wire logic [1:0]              bank_i,
  input  wire logic [AddressWidth-1:0] address_i,
  output logic      signed [Width-1:0] data_o
);
  if (Width > 16) begin : gen_bad_width
    $error("loaded_memory: a constant needs at most 16 bits");
  end

  logic [Width-1:0] memory[3 << AddressWidth];
  logic [Width-1:0] clamped;

  initial $readmemh(File, memory, 0, Depth - 1);

  requantize #(.SourceWidth(16), .Shift(0), .TargetWidth(Width)) u_clamp (
    .value_i(write_data_i), .value_o(clamped)
  );

  always_ff @(posedge clk_i) begin
    if (write_i) memory[{write_bank_i, write_address_i}] <= clamped;
    data_o <= memory[{bank_i, address_i}];
  end
endmodule

`default_nettype wire
