// SPDX-License-Identifier: Apache-2.0
// An entry of the table of a layer, out of a .mem file with the layers' tables one after the other, each in
// the order of its address's bits.
// Latency: 1 cycle.
`default_nettype none

module layer_table #(
  parameter int unsigned Layers       = 5,
  parameter int unsigned AddressWidth = 6,
  parameter int unsigned Width        = 8,
  parameter string       File         = "table.mem",
  localparam int unsigned LayerWidth = (Layers > 1) ? $clog2(Layers) : 1
) (
  input  wire logic                    clk_i,
  input  wire logic [LayerWidth-1:0]   layer_i,
  input  wire logic [AddressWidth-1:0] address_i,
  output logic      [Width-1:0]        entry_o
);
  localparam int unsigned Depth = Layers << AddressWidth;

  constant_rom #(.Width(Width), .Depth(Depth), .File(File)) u_rom (
    .clk_i, .address_i($clog2(Depth)'({layer_i, address_i})), .data_o(entry_o)
  );
endmodule

`default_nettype wire
