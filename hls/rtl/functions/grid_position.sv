// SPDX-License-Identifier: Apache-2.0
// The position of a state on the grid: the number of thresholds <= it, so that a state on a threshold
// belongs to the upper point. Thresholds: Count integers of Width bits, packed, in any order.
// Latency: combinational. Golden model: fixedpoint/numbers/slicer.py, position.
`default_nettype none

module grid_position #(
  parameter int unsigned            Width      = 16,
  parameter int unsigned            Bits       = 2,
  parameter int unsigned            Count      = 3,
  parameter logic [Count*Width-1:0] Thresholds = '0
) (
  input  wire logic signed [Width-1:0] state_i,
  output logic             [Bits-1:0]  position_o
);
  if (Count + 1 != 1 << Bits) begin : gen_bad_count
    $error("grid_position: Count must be 2^Bits - 1");
  end

  // Each threshold at or below the state raises the position by one.
  always_comb begin
    position_o = '0;
    for (int unsigned i = 0; i < Count; i++) begin
      if (state_i >= signed'(Thresholds[i*Width +: Width])) position_o = position_o + Bits'(1);
    end
  end
endmodule

`default_nettype wire
