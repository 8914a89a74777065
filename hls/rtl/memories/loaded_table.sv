// SPDX-License-Identifier: Apache-2.0
// An entry of the table of a layer that may come at run time: its entries, the one of the lowest address
// first, are the integers of a layer's part of a frame from the Item-th one on.
// Latency: 1 cycle from layer_i and address_i to entry_o.
`default_nettype none

module loaded_table #(
  parameter int unsigned Layers       = 5,
  parameter int unsigned AddressWidth = 6,
  parameter int unsigned Width        = 8,
  parameter string       File         = "table.mem",
  parameter int unsigned Item         = 6,
  parameter int unsigned ItemWidth    = 7,
  localparam int unsigned LayerWidth = (Layers > 1) ? $clog2(Layers) : 1
) (
  input  wire logic                    clk_i,
  input  wire logic                    write_i,
  input  wire logic [1:0]              write_bank_i,
  input  wire logic [LayerWidth-1:0]   write_layer_i,
  input  wire logic [ItemWidth-1:0]    write_item_i,
  input  wire logic [15:0]             write_data_i,
  input  wire logic [1:0]              bank_i,
  input  wire logic [LayerWidth-1:0]   layer_i,
  input  wire logic [AddressWidth-1:0] address_i,
  output logic      [Width-1:0]        entry_o
);
  // From an item of a frame to an address: past Item, on from the lowest address, modulo 2^bits.
  localparam int unsigned Lowest = (1 << (AddressWidth - 1)) + 1;
  localparam int unsigned Last = Item + (1 << AddressWidth) - 2;

  logic [AddressWidth-1:0] write_entry;
  logic write;

  assign write_entry = AddressWidth'(32'(write_item_i) - Item + Lowest);
  assign write = write_i && 32'(write_item_i) >= Item && 32'(write_item_i) <= Last;

  loaded_memory #(
    .Width(Width), .Depth(Layers << AddressWidth), .AddressWidth(LayerWidth + AddressWidth),
    .File(File)
  ) u_memory (
    .clk_i, .write_i(write), .write_bank_i, .write_address_i({write_layer_i, write_entry}),
    .write_data_i, .bank_i, .address_i({layer_i, address_i}), .data_o(entry_o)
  );
endmodule

`default_nettype wire
