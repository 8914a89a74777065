// Slicer: the position i of a state is the number of thresholds <= it (a state on a threshold decides
// upwards), its Gray bits are i ^ (i >> 1), first bit on top. Thresholds: Count integers of Width bits,
// packed, in any order.
// Latency: combinational. Golden model: fixedpoint/slicer.py.
module slicer #(
  parameter int unsigned              Width      = 16,
  parameter int unsigned              Bits       = 2,
  parameter int unsigned              Count      = 3,
  parameter logic [Count*Width-1:0]   Thresholds = '0
) (
  input  logic signed [Width-1:0] state_i,
  output logic        [Bits-1:0]  bits_o
);
  if (Count + 1 != 1 << Bits) begin : gen_bad_count
    $error("slicer: Count must be 2^Bits - 1");
  end

  logic [Bits-1:0] position;

  // Each threshold at or below the state raises the position by one.
  always_comb begin
    position = '0;
    for (int unsigned i = 0; i < Count; i++) begin
      if (state_i >= signed'(Thresholds[i*Width +: Width])) position = position + Bits'(1);
    end
  end

  // A bit more than the position has keeps the shift legal for a single bit.
  assign bits_o = Bits'({1'b0, position} ^ ({1'b0, position} >> 1));
endmodule
