// SPDX-License-Identifier: Apache-2.0
// Watches the messages of a fronthaul: frames of Groups beats, each of one key (where it belongs),
// which is said with every beat. legal_i says whether a message with this key is expected. A frame of
// another length, with an illegal key or with more than one is dropped, flagged and counted as
// frame_guard does, and commit_o stays low; the same message sent anew is then taken. What write_o lets
// through of a dropped one lies where the right one is written; its last group never is.
// Latency: combinational, but error_o one cycle later, errors_o two.
`default_nettype none

module message_guard #(
  parameter int unsigned Groups     = 8,
  parameter int unsigned KeyWidth   = 3,
  parameter int unsigned CountWidth = 16,
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1
) (
  input  wire logic                  clk_i,
  input  wire logic                  rst_ni,
  input  wire logic                  beat_i,
  input  wire logic                  last_i,
  input  wire logic [KeyWidth-1:0]   key_i,
  input  wire logic                  legal_i,
  output logic                       write_o,
  output logic      [GroupWidth-1:0] group_o,
  output logic                       commit_o,
  output logic                       error_o,
  output logic      [CountWidth-1:0] errors_o
);
  logic [KeyWidth-1:0] key_q;
  logic spoiled_q, first, write, refuse, minor;

  frame_guard #(.Majors(Groups), .Minors(1), .CountWidth(CountWidth)) u_guard (
    .clk_i, .rst_ni, .beat_i, .last_i, .refuse_i(refuse),
    .write_o(write), .major_o(group_o), .minor_o(minor), .commit_o, .error_o, .errors_o
  );

  // Every beat must be legal and have the key of the first one; a fault stays up to the frame's end.
  assign first  = group_o == '0;
  assign refuse = !legal_i || (!first && (spoiled_q || key_i != key_q));

  always_ff @(posedge clk_i) begin
    if (write) begin
      key_q     <= key_i;
      spoiled_q <= refuse;
    end
  end

  // The last group completes what it is written to, so that it waits for TLAST.
  assign write_o = write && !refuse && (group_o != GroupWidth'(Groups - 1) || last_i);

  logic unused_minor;
  assign unused_minor = minor;
endmodule

`default_nettype wire
