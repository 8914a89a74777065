// SPDX-License-Identifier: Apache-2.0
// A constant by layer that may come at run time, the Item-th integer of a layer's part of a frame.
// Latency: 1 cycle from layer_i to constant_o.
`default_nettype none

module loaded_constant #(
  parameter int unsigned Width     = 10,
  parameter int unsigned Layers    = 5,
  parameter string       File      = "step.mem",
  parameter int unsigned Item      = 0,
  parameter int unsigned ItemWidth = 7,
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
  output logic      signed [Width-1:0] constant_o
);
  loaded_memory #(
    .Width(Width), .Depth(Layers), .AddressWidth(LayerWidth), .File(File)
  ) u_memory (
    .clk_i, .write_i(write_i && write_item_i == ItemWidth'(Item)), .write_bank_i,
    .write_address_i(write_layer_i), .write_data_i, .bank_i, .address_i(layer_i),
    .data_o(constant_o)
  );
endmodule

`default_nettype wire
