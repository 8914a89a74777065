// SPDX-License-Identifier: Apache-2.0
// A constant of PGD by layer and SNR entry, out of a .mem file with the layers' banks one after the other:
// that of the layer itself, or with Before = 1 that of the layer before. Δ of the layer before is the
// scale of the code that enters a layer; the first layer's code is zero, so that what it reads (the first
// bank) has no effect.
// Latency: 3 cycles (address, entry, a register behind the memory).
`default_nettype none

module pgd_bank #(
  parameter int unsigned Width      = 13,
  parameter string       File       = "pgd_step.mem",
  parameter bit          Before     = 1'b0,
  parameter int unsigned LayerWidth = 3,
  parameter int unsigned TagWidth   = 6
) (
  input  wire logic                    clk_i,
  input  wire logic [LayerWidth-1:0]   layer_i,
  input  wire logic [TagWidth-1:0]     index_i,
  output logic      signed [Width-1:0] constant_o
);
  localparam int unsigned Depth = bitfold_pkg::Layers * bitfold_pkg::BankEntries;
  localparam int unsigned AddressWidth = (Depth > 1) ? $clog2(Depth) : 1;

  logic [AddressWidth-1:0] base, address_q;
  logic [Width-1:0] entry;

  // Bank k begins at k * BankEntries.
  always_comb begin
    base = '0;
    for (int unsigned k = 1; k < bitfold_pkg::Layers; k++) begin
      if (layer_i == LayerWidth'(k)) begin
        base = AddressWidth'((k - 32'(Before)) * bitfold_pkg::BankEntries);
      end
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
