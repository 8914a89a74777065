// SPDX-License-Identifier: Apache-2.0
// A constant by layer and SNR entry, out of a .mem file with the layers' banks one after the other.
// Latency: 3 cycles (address, entry, a register behind the memory).
`default_nettype none

module bank_rom #(
  parameter int unsigned Width      = 13,
  parameter string       File       = "step.mem",
  parameter int unsigned Layers     = 5,
  parameter int unsigned Entries    = 36,
  parameter int unsigned IndexWidth = 6,
  localparam int unsigned LayerWidth = (Layers > 1) ? $clog2(Layers) : 1
) (
  input  wire logic                    clk_i,
  input  wire logic [LayerWidth-1:0]   layer_i,
  input  wire logic [IndexWidth-1:0]   index_i,
  output logic      signed [Width-1:0] constant_o
);
  localparam int unsigned Depth = Layers * Entries;
  localparam int unsigned AddressWidth = (Depth > 1) ? $clog2(Depth) : 1;

  logic [AddressWidth-1:0] base, address_q;
  logic [Width-1:0] entry;

  // The bank of layer k, from 0, begins at k * Entries.
  always_comb begin
    base = '0;
    for (int unsigned k = 1; k < Layers; k++) begin
      if (layer_i == LayerWidth'(k)) base = AddressWidth'(k * Entries);
    end
  end

  always_ff @(posedge clk_i) begin
    address_q  <= base + AddressWidth'(index_i);
    constant_o <= entry;
  end

  constant_rom #(.Width(Width), .Depth(Depth), .File(File)) u_rom (
    .clk_i, .address_i(address_q), .data_o(entry)
  );
endmodule

`default_nettype wire
