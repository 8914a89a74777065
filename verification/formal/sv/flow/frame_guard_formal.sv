// SPDX-License-Identifier: Apache-2.0
// frame_guard against the length of each frame: beat n of a frame is written to place n, exactly the frames
// of Majors x Minors beats that nobody refuses are committed, any other is flagged and counted once.
`default_nettype none

module frame_guard_formal #(
  parameter int unsigned Majors     = 3,
  parameter int unsigned Minors     = 2,
  parameter int unsigned CountWidth = 2
) (
  input  wire logic clk_i,
  input  wire logic again_i,  // another reset
  input  wire logic beat_i,
  input  wire logic last_i,
  input  wire logic refuse_i,
  output logic      bad_write,
  output logic      bad_place,
  output logic      bad_commit,
  output logic      bad_error,
  output logic      bad_inner
);
  localparam int unsigned Beats = Majors * Minors;
  localparam int unsigned MajorWidth = (Majors > 1) ? $clog2(Majors) : 1;
  localparam int unsigned MinorWidth = (Minors > 1) ? $clog2(Minors) : 1;

  logic begun_q = 1'b0;
  logic rst_n, write, commit, error, whole, broken, error_q;
  logic [MajorWidth-1:0] major;
  logic [MinorWidth-1:0] minor;
  logic [CountWidth-1:0] errors, errors_q;
  logic [7:0] beats_q;  // of the frame so far, at most Beats

  assign rst_n = begun_q && !again_i;

  frame_guard #(.Majors(Majors), .Minors(Minors), .CountWidth(CountWidth)) u_dut (
    .clk_i, .rst_ni(rst_n), .beat_i, .last_i, .refuse_i, .write_o(write), .major_o(major),
    .minor_o(minor), .commit_o(commit), .error_o(error), .errors_o(errors)
  );

  assign whole  = beat_i && last_i && beats_q == 8'(Beats - 1);
  assign broken = beat_i && ((whole && refuse_i) || (last_i && beats_q < 8'(Beats - 1))
    || (!last_i && beats_q == 8'(Beats - 1)));

  always_ff @(posedge clk_i) begin
    begun_q <= 1'b1;
    if (!rst_n) begin
      beats_q  <= '0;
      error_q  <= 1'b0;
      errors_q <= '0;
    end else begin
      if (beat_i) beats_q <= last_i ? 8'd0 : (beats_q < 8'(Beats)) ? beats_q + 8'd1 : beats_q;
      error_q <= broken;
      if (error_q) errors_q <= (&errors_q) ? errors_q : errors_q + CountWidth'(1);
    end
  end

  assign bad_write  = begun_q && write != (beat_i && beats_q < 8'(Beats));
  assign bad_place  = begun_q && beats_q < 8'(Beats)
    && 8'(major) * 8'(Minors) + 8'(minor) != beats_q;
  assign bad_commit = begun_q && commit != (whole && !refuse_i);
  assign bad_error  = begun_q && (error != error_q || errors != errors_q);

  // What makes it inductive: both know alike that a frame is too long, and where the next one begins.
  assign bad_inner = begun_q && (u_dut.dropping_q != (beats_q == 8'(Beats)) || beats_q > 8'(Beats)
    || 8'(minor) >= 8'(Minors) || (beats_q == 8'(Beats) && (major != '0 || minor != '0)));
endmodule

`default_nettype wire
