// SPDX-License-Identifier: Apache-2.0
// message_guard: exactly the frames of Groups beats, all legal and all of one key, are committed; each other
// one is flagged once. Its last group is written with its commit alone, the others in order before.
`default_nettype none

module message_guard_formal #(
  parameter int unsigned Groups   = 3,
  parameter int unsigned KeyWidth = 1
) (
  input  wire logic                clk_i,
  input  wire logic                again_i,  // another reset
  input  wire logic                beat_i,
  input  wire logic                last_i,
  input  wire logic                legal_i,
  input  wire logic [KeyWidth-1:0] key_i,
  output logic                     bad_commit,
  output logic                     bad_error,
  output logic                     bad_write
);
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1;

  logic begun_q = 1'b0;
  logic rst_n, write, commit, error, spoiled, spoiled_q, whole, error_q;
  logic [GroupWidth-1:0] group;
  logic [3:0] errors, errors_q;
  logic [7:0] beats_q;
  logic [KeyWidth-1:0] key_q;  // of the frame's first beat

  assign rst_n = begun_q && !again_i;

  message_guard #(.Groups(Groups), .KeyWidth(KeyWidth), .CountWidth(4)) u_dut (
    .clk_i, .rst_ni(rst_n), .beat_i, .last_i, .key_i, .legal_i, .write_o(write), .group_o(group),
    .commit_o(commit), .error_o(error), .errors_o(errors)
  );

  assign spoiled = !legal_i || (beats_q != '0 && (spoiled_q || key_i != key_q));
  assign whole   = beats_q == 8'(Groups - 1) && last_i && !spoiled;

  always_ff @(posedge clk_i) begin
    begun_q <= 1'b1;
    if (!rst_n) begin
      beats_q  <= '0;
      error_q  <= 1'b0;
      errors_q <= '0;
    end else begin
      if (beat_i) begin
        beats_q <= last_i ? 8'd0 : (beats_q < 8'(Groups)) ? beats_q + 8'd1 : beats_q;
        spoiled_q <= spoiled;
        if (beats_q == '0) key_q <= key_i;
      end
      // A frame is flagged at its TLAST, a long one at the beat where it should have ended.
      error_q <= beat_i && ((last_i && beats_q < 8'(Groups) && !whole)
        || (!last_i && beats_q == 8'(Groups - 1)));
      if (error_q && errors_q != '1) errors_q <= errors_q + 4'd1;
    end
  end

  assign bad_commit = begun_q && commit != (beat_i && whole);
  assign bad_error  = begun_q && (error != error_q || errors != errors_q);
  assign bad_write  = begun_q && beats_q < 8'(Groups)
    && (8'(group) != beats_q
      || write != (beat_i && !spoiled && (beats_q != 8'(Groups - 1) || last_i)));
endmodule

`default_nettype wire
