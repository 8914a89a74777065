// SPDX-License-Identifier: Apache-2.0
// A simple dual-port memory whose words are written a slice at a time and read whole.
// Latency: 1 cycle from read_address_i to word_o. A word must not be read in the cycle that writes it.
// A block or distributed RAM for each slice can be inferred; as no such read happens, Yosys need not build
// logic that would give it the old word (no_rw_check).
`default_nettype none

module lane_memory #(
  parameter int unsigned Slices     = 4,
  parameter int unsigned SliceWidth = 64,
  parameter int unsigned Depth      = 64,
  localparam int unsigned AddressWidth = (Depth > 1) ? $clog2(Depth) : 1
) (
  input  wire logic                         clk_i,
  input  wire logic [Slices-1:0]            write_i,
  input  wire logic [AddressWidth-1:0]      write_address_i,
  input  wire logic [SliceWidth-1:0]        slice_i,
  input  wire logic [AddressWidth-1:0]      read_address_i,
  output logic      [Slices*SliceWidth-1:0] word_o
);
  for (genvar s = 0; s < Slices; s++) begin : gen_slice
    (* no_rw_check *) logic [SliceWidth-1:0] memory[Depth];
    logic [SliceWidth-1:0] slice_q;

    // A slice is stored where its bit of the write mask is set. A simulation breaks what is read while it
    // is written, so that nobody can use it unseen.
    always_ff @(posedge clk_i) begin
      if (write_i[s]) memory[write_address_i] <= slice_i;
      slice_q <= memory[read_address_i];
`ifdef VERILATOR
      if (write_i[s] && write_address_i == read_address_i) slice_q <= ~slice_i;
`endif
    end

    assign word_o[s*SliceWidth +: SliceWidth] = slice_q;
  end
endmodule

`default_nettype wire
