// SPDX-License-Identifier: Apache-2.0
// Whether block number a is newer than b: ahead of it by less than half the range, modulo the range.
// Latency: combinational.
`default_nettype none

module block_newer #(
  parameter int unsigned Width = 16
) (
  input  wire logic [Width-1:0] a_i,
  input  wire logic [Width-1:0] b_i,
  output logic                  newer_o
);
  if (Width < 4) begin : gen_bad_width
    $error("block_newer: BlockWidth must be at least 4: a number must not come back while its block is known");
  end

  logic [Width-1:0] ahead;

  // Whether they differ is seen beside their difference, not behind it.
  assign ahead   = a_i - b_i;
  assign newer_o = a_i != b_i && !ahead[Width-1];
endmodule

`default_nettype wire
