// SPDX-License-Identifier: Apache-2.0
// grid_distance: the state less its distance is a point of the grid, and no other point is nearer; in the
// middle of two points it is the upper one.
`default_nettype none

module grid_distance_formal #(
  parameter int unsigned            Width         = 10,
  parameter int unsigned            DistanceWidth = 10,
  parameter int unsigned            Bits          = 1,
  parameter int unsigned            Count         = 1,
  parameter logic [Count*Width-1:0] Thresholds    = '0,
  parameter int unsigned            Peak          = 256,
  parameter int unsigned            Spacing       = 512
) (
  input  wire logic         clk_i,
  input  wire logic [255:0] free_i,
  output logic              bad_o
);
  localparam int unsigned Wide = Width + DistanceWidth + 2;
  localparam logic signed [Wide-1:0] Top = Wide'(Peak);
  localparam logic signed [Wide-1:0] Half = Wide'(Spacing / 2);

  logic signed [Width-1:0] state;
  logic signed [DistanceWidth-1:0] distance;
  logic signed [Wide-1:0] point, far;
  logic on_grid;

  assign state = free_i[Width-1:0];

  grid_distance #(
    .Width(Width), .DistanceWidth(DistanceWidth), .Bits(Bits), .Count(Count),
    .Thresholds(Thresholds), .Peak(Peak), .Spacing(Spacing)
  ) u_dut (
    .state_i(state), .distance_o(distance)
  );

  assign far   = Wide'(distance);
  assign point = Wide'(state) - far;

  always_comb begin
    on_grid = 1'b0;
    for (int unsigned i = 0; i <= Count; i++) begin
      if (point == Wide'(i * Spacing) - Top) on_grid = 1'b1;
    end
  end

  // The most negative state is in no format.
  assign bad_o = state != -state || state == '0
    ? !on_grid || (far < -Half && point != -Top) || (far >= Half && point != Top) : 1'b0;

  logic unused;
  assign unused = &{clk_i, free_i};
endmodule

`default_nettype wire
