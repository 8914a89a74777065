// SPDX-License-Identifier: Apache-2.0
// The exact sum of Count signed integers of different points: each is shifted left by its own of Lefts,
// negated where its bit of Negative says so. Term i and its fields are the i-th ones from below. Sums of
// three are made in a cycle, and sums of three sums in the next one.
// Width holds the sum: arithmetic modulo 2^Width needs no more for what lies between.
// Latency: the logarithm of Count to the base 3, rounded up, at least 1.
`default_nettype none

module aligned_sum #(
  parameter int unsigned            Count    = 2,
  parameter int unsigned            Width    = 24,
  parameter logic [Count*8-1:0]     Lefts    = '0,
  parameter logic [Count-1:0]       Negative = '0
) (
  input  wire logic                    clk_i,
  input  wire logic [Count*Width-1:0]  terms_i,
  output logic      signed [Width-1:0] sum_o
);
  localparam int unsigned Sums = (Count + 2) / 3;

  if (Count < 1 || Width < 1) begin : gen_bad_size
    $error("aligned_sum: Count and Width must be at least 1");
  end

  // Absent terms are 0, of no shift and no sign.
  localparam logic [3*Sums-1:0][7:0] Shifts = (24 * Sums)'(Lefts);
  localparam logic [3*Sums-1:0] Signs = (3 * Sums)'(Negative);

  logic [3*Sums-1:0][Width-1:0] terms, aligned;
  logic [Sums-1:0][Width-1:0] sums_q;

  assign terms = (3 * Sums * Width)'(terms_i);
  for (genvar i = 0; i < 3 * Sums; i++) begin : gen_term
    if (Signs[i]) begin : gen_negated
      assign aligned[i] = -(terms[i] << Shifts[i]);
    end else begin : gen_shifted
      assign aligned[i] = terms[i] << Shifts[i];
    end
  end

  always_ff @(posedge clk_i) begin
    for (int unsigned i = 0; i < Sums; i++) begin
      sums_q[i] <= aligned[3*i] + aligned[3*i+1] + aligned[3*i+2];
    end
  end

  if (Sums == 1) begin : gen_last
    assign sum_o = signed'(sums_q[0]);
  end else begin : gen_more
    aligned_sum #(.Count(Sums), .Width(Width)) u_sums (
      .clk_i, .terms_i(sums_q), .sum_o
    );
  end
endmodule

`default_nettype wire
