// SPDX-License-Identifier: Apache-2.0
// The signed distance of a state from the nearest point of the grid -Peak, -Peak + Spacing, … Peak; in
// the middle of two points the upper one counts.
// Latency: combinational. Golden model: fixedpoint/detectors/units.py.
`default_nettype none

module grid_distance #(
  parameter int unsigned            Width         = 10,
  parameter int unsigned            DistanceWidth = 10,
  parameter int unsigned            Bits          = 1,
  parameter int unsigned            Count         = 1,
  parameter logic [Count*Width-1:0] Thresholds    = '0,
  parameter longint unsigned        Peak          = 256,
  parameter longint unsigned        Spacing       = 512
) (
  input  wire logic signed [Width-1:0]         state_i,
  output logic      signed [DistanceWidth-1:0] distance_o
);
  if (Count * Spacing != 2 * Peak || Peak >= 1 << (Width - 1)) begin : gen_bad_grid
    $error("grid_distance: Count steps of Spacing must lead from -Peak to Peak, within Width bits");
  end

  logic [Bits-1:0] position;
  logic signed [Width:0] point;  // with a bit to spare on the way up from -Peak

  grid_position #(
    .Width(Width), .Bits(Bits), .Count(Count), .Thresholds(Thresholds)
  ) u_position (
    .state_i, .position_o(position)
  );

  // Each step up the grid adds Spacing, a power of two: a shift of the position.
  assign point      = (Width + 1)'(position) * (Width + 1)'(Spacing) - (Width + 1)'(Peak);
  assign distance_o = DistanceWidth'((Width + 1)'(state_i) - point);
endmodule

`default_nettype wire
