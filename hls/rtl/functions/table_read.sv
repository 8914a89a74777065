// SPDX-License-Identifier: Apache-2.0
// A non-linear function from a table: the argument is requantized to the table's address (beyond the
// table it takes the nearest end), then read. The table lies in the order of the address's bits: 0 and
// up first, then the negative addresses; python -m hls.emit writes it so.
// Latency: 2 cycles (address, entry). Golden model: fixedpoint/numbers/lookup.py, read.
`default_nettype none

module table_read #(
  parameter int unsigned SourceWidth  = 20,
  parameter int          Shift        = 8,
  parameter int unsigned AddressWidth = 6,
  parameter int unsigned Width        = 8,
  parameter string       File         = "sigmoid.mem"
) (
  input  wire logic                          clk_i,
  input  wire logic signed [SourceWidth-1:0] value_i,
  output logic      signed [Width-1:0]       entry_o
);
  logic signed [AddressWidth-1:0] address, address_q;

  requantize #(
    .SourceWidth(SourceWidth), .Shift(Shift), .TargetWidth(AddressWidth)
  ) u_address (
    .value_i, .value_o(address)
  );

  always_ff @(posedge clk_i) address_q <= address;

  constant_rom #(.Width(Width), .Depth(1 << AddressWidth), .File(File)) u_table (
    .clk_i, .address_i(unsigned'(address_q)), .data_o(entry_o)
  );
endmodule

`default_nettype wire
