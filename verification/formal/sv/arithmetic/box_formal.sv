// SPDX-License-Identifier: Apache-2.0
// box against the clipping of u to ±bound in wide integers.
`default_nettype none

module box_formal #(
  parameter int unsigned Width = 16
) (
  input  wire logic         clk_i,
  input  wire logic [255:0] free_i,
  output logic              bad_o
);
  logic signed [Width-1:0] update, bound, state;
  logic kept, nearer;

  assign {bound, update} = free_i[2*Width-1:0];

  box #(.Width(Width)) u_dut (.update_i(update), .bound_i(bound), .state_o(state));

  // Inside the box nothing changes; outside the state is the border of the update's side.
  assign kept   = update <= bound && update >= -bound;
  assign nearer = state == ((update < 0) ? -bound : bound);
  assign bad_o  = bound >= 0 && (kept ? state != update : !nearer);

  logic unused;
  assign unused = &{clk_i, free_i};
endmodule

`default_nettype wire
