// SPDX-License-Identifier: Apache-2.0
// A block's matrices on their way to the engine: the entries of a beat clamped to their formats, those of
// the first FrontBeats beats of a frame to F's, all others to P's, in HWidth bits each. What comes ahead of
// them (numbers_i) is clamped to one of the two as well, NumbersAsP says which: it is no matrix, but a
// number whose own format is narrower needs no more clamp of all fields.
// Latency: combinational; the beats are counted. Golden model: fixedpoint/numbers/requantize.py, a shift of 0.
`default_nettype none

module stored_matrices #(
  parameter int unsigned BeatEntries = 4,
  parameter int unsigned SourceWidth = 16,
  parameter int unsigned FrontBeats  = 256,
  parameter bit          NumbersAsP  = 1'b0
) (
  input  wire logic                                          clk_i,
  input  wire logic                                          rst_ni,
  input  wire logic                                          taken_i,  // the beat is being taken
  input  wire logic                                          last_i,
  input  wire logic                                          numbers_i,  // the beat is none of the matrices
  input  wire logic [BeatEntries*SourceWidth-1:0]            beat_i,
  output logic      [BeatEntries*bitfold_pkg::HWidth-1:0]    entries_o
);
  localparam int unsigned HWidth = bitfold_pkg::HWidth;
  localparam int unsigned FWidth = bitfold_pkg::FWidth;
  localparam int unsigned PWidth = bitfold_pkg::PWidth;
  localparam int unsigned CountWidth = $clog2(FrontBeats + 1);

  logic [BeatEntries*FWidth-1:0] f;
  logic [BeatEntries*PWidth-1:0] p;
  logic [CountWidth-1:0] beats_q;  // of this frame, as many as F has at the most
  logic front_q;  // beats of F are still to come
  logic as_front;

  beat_clamp #(.Count(BeatEntries), .SourceWidth(SourceWidth), .Width(FWidth)) u_clamp_f (
    .beat_i, .integers_o(f)
  );
  beat_clamp #(.Count(BeatEntries), .SourceWidth(SourceWidth), .Width(PWidth)) u_clamp_p (
    .beat_i, .integers_o(p)
  );

  // A frame begins behind every TLAST, whatever became of the one before.
  always_ff @(posedge clk_i) begin
    if (!rst_ni || (taken_i && last_i)) begin
      beats_q <= '0;
      front_q <= 1'b1;
    end else if (taken_i && front_q) begin
      beats_q <= beats_q + CountWidth'(1);
      front_q <= beats_q != CountWidth'(FrontBeats - 1);
    end
  end

  assign as_front = front_q && !(NumbersAsP && numbers_i);

  for (genvar i = 0; i < BeatEntries; i++) begin : gen_entry
    assign entries_o[i*HWidth +: HWidth] = as_front
      ? HWidth'(signed'(f[i*FWidth +: FWidth])) : HWidth'(signed'(p[i*PWidth +: PWidth]));
  end
endmodule

`default_nettype wire
