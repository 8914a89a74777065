// SPDX-License-Identifier: Apache-2.0
// The port of θ, the constants of layers that can be written at run time. A frame holds Items integers for
// each layer, one a beat; it is written to a bank that nobody reads, and a whole one is taken into use at
// its last beat. Bank 0 keeps the spec's θ, to which a reset returns.
//
// A frame begins when the unit is idle, and as long as one is partly in or was offered the cycle before, no
// frame of y begins: so every vector has one θ, the last one that was offered before the cycle of its first
// beat. Neither stream's ready depends on the other's valid in the same cycle.
// Latency: combinational, but bank_o a cycle after a frame's last beat; a frame's first beat is taken in
// its third cycle at the earliest.
`default_nettype none

module theta_port #(
  parameter int unsigned Layers     = 5,
  parameter int unsigned Items      = 69,  // of a layer
  parameter int unsigned CountWidth = 16,
  localparam int unsigned LayerWidth = (Layers > 1) ? $clog2(Layers) : 1,
  localparam int unsigned ItemWidth = (Items > 1) ? $clog2(Items) : 1
) (
  input  wire logic                  clk_i,
  input  wire logic                  rst_ni,
  input  wire logic                  valid_i,
  output logic                       ready_o,
  input  wire logic                  last_i,
  input  wire logic                  idle_i,
  output logic                       hold_y_o,
  output logic                       write_o,
  output logic      [1:0]            write_bank_o,
  output logic      [LayerWidth-1:0] layer_o,
  output logic      [ItemWidth-1:0]  item_o,
  output logic      [1:0]            bank_o,  // in use
  output logic                       error_o,
  output logic      [CountWidth-1:0] errors_o
);
  logic open_q, offered_q, idle_q, beat, commit;

  // Idle a cycle before, with the stream of y held then and now, is idle now.
  always_ff @(posedge clk_i) begin
    offered_q <= rst_ni && valid_i;
    idle_q    <= rst_ni && idle_i && offered_q && valid_i;
  end

  assign ready_o  = open_q || idle_q;
  assign hold_y_o = open_q || offered_q;
  assign beat     = valid_i && ready_o;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) open_q <= 1'b0;
    else if (beat) open_q <= !last_i;
  end

  frame_guard #(.Majors(Layers), .Minors(Items), .CountWidth(CountWidth)) u_guard (
    .clk_i, .rst_ni, .beat_i(beat), .last_i, .refuse_i(1'b0), .write_o, .major_o(layer_o),
    .minor_o(item_o), .commit_o(commit), .error_o, .errors_o
  );

  // Whole frames go to banks 1 and 2 in turn.
  assign write_bank_o = (bank_o == 2'd1) ? 2'd2 : 2'd1;
  always_ff @(posedge clk_i) begin
    if (!rst_ni) bank_o <= 2'd0;
    else if (commit) bank_o <= write_bank_o;
  end
endmodule

`default_nettype wire
