// SPDX-License-Identifier: Apache-2.0
// Watches a stream's frames of Majors x Minors beats, of which the last major has LastMinors alone. With
// FrontMajors > 0 that many go ahead, the last of them with FrontMinors, and SecondMajor follows them.
// Beats are written where major_o and minor_o say;
// commit_o marks the last beat of a whole frame. A frame that ends early, or goes on beyond its last
// beat, or that refuse_i meets with its last one, is dropped: no commit, one pulse on error_o, one more
// in errors_o (which saturates), and the next frame starts at 0.
// Latency: combinational, but error_o one cycle later, errors_o two.
`default_nettype none

module frame_guard #(
  parameter int unsigned Majors     = 32,
  parameter int unsigned Minors     = 1,
  parameter int unsigned LastMinors  = Minors,
  parameter int unsigned FrontMajors = 0,
  parameter int unsigned FrontMinors = Minors,
  parameter int unsigned SecondMajor = FrontMajors,
  parameter int unsigned CountWidth = 16,
  localparam int unsigned MajorWidth = (Majors > 1) ? $clog2(Majors) : 1,
  localparam int unsigned MinorWidth = (Minors > 1) ? $clog2(Minors) : 1
) (
  input  wire logic                  clk_i,
  input  wire logic                  rst_ni,
  input  wire logic                  beat_i,
  input  wire logic                  last_i,
  input  wire logic                  refuse_i,  // with the last beat: the frame cannot be taken
  output logic                       write_o,
  output logic      [MajorWidth-1:0] major_o,
  output logic      [MinorWidth-1:0] minor_o,
  output logic                       commit_o,
  output logic                       error_o,
  output logic      [CountWidth-1:0] errors_o
);
  logic [MajorWidth-1:0] major_q;
  logic [MinorWidth-1:0] minor_q;
  logic dropping_q, front_end, minor_end, frame_end, error;
  logic [MajorWidth-1:0] next_major;

  // Where the majors are not alike, a short one ends the frame or its first part.
  if (FrontMajors == 0 && LastMinors == Minors) begin : gen_alike
    assign front_end = 1'b0;
    assign minor_end = minor_q == MinorWidth'(Minors - 1);
    assign frame_end = minor_end && major_q == MajorWidth'(Majors - 1);
  end else begin : gen_parts
    logic front, last;

    assign front     = FrontMajors > 0 && major_q == MajorWidth'(FrontMajors - 1);
    assign last      = major_q == MajorWidth'(Majors - 1);
    assign front_end = front && minor_q == MinorWidth'(FrontMinors - 1);
    assign frame_end = last && minor_q == MinorWidth'(LastMinors - 1);
    assign minor_end = front_end || frame_end || minor_q == MinorWidth'(Minors - 1);
  end
  assign next_major = front_end ? MajorWidth'(SecondMajor) : major_q + MajorWidth'(1);

  // A frame is whole if TLAST comes with its last beat, and at no other.
  assign write_o  = beat_i && !dropping_q;
  assign commit_o = write_o && last_i && frame_end && !refuse_i;
  assign error    = write_o && (last_i != frame_end || (last_i && refuse_i));
  assign major_o  = major_q;
  assign minor_o  = minor_q;

  // The position restarts after every TLAST and after the beat that made a frame too long.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      major_q <= '0;
      minor_q <= '0;
    end else if (write_o) begin
      if (last_i || frame_end) begin
        major_q <= '0;
        minor_q <= '0;
      end else if (minor_end) begin
        major_q <= next_major;
        minor_q <= '0;
      end else begin
        minor_q <= minor_q + MinorWidth'(1);
      end
    end
  end

  // Beats beyond a long frame's last one are swallowed up to its TLAST.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) dropping_q <= 1'b0;
    else if (beat_i) dropping_q <= !last_i && (dropping_q || frame_end);
  end

  // Each dropped frame is flagged once and counted once.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      error_o  <= 1'b0;
      errors_o <= '0;
    end else begin
      error_o <= error;
      if (error_o && errors_o != '1) errors_o <= errors_o + CountWidth'(1);
    end
  end
endmodule

`default_nettype wire
