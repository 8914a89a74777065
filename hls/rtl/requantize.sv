// Drops Shift fractional bits, rounding half up, then saturates to the symmetric range of TargetWidth:
// (q + 2^(Shift-1)) >> Shift, clipped to ±(2^(TargetWidth-1) - 1). Any shift is legal: 0 saturates only
// (an input clamp), a negative one is an exact left shift, one beyond the source's width leaves 0.
// Latency: combinational. Golden model: fixedpoint/requantize.py.
module requantize #(
  parameter int unsigned SourceWidth = 32,
  parameter int          Shift       = 8,
  parameter int unsigned TargetWidth = 8
) (
  input  logic signed [SourceWidth-1:0] value_i,
  output logic signed [TargetWidth-1:0] value_o
);
  localparam int unsigned Right = (Shift > 0) ? unsigned'(Shift) : 0;
  localparam int unsigned Left = (Shift < 0) ? unsigned'(-Shift) : 0;
  // Wide enough for the source shifted left, the sum with the rounding constant, and the limits.
  localparam int unsigned Sum = ((SourceWidth + Left > Right) ? SourceWidth + Left : Right) + 1;
  localparam int unsigned Wide = (Sum > TargetWidth) ? Sum : TargetWidth;
  localparam logic signed [Wide-1:0] Half = (Wide'(1) << Right) >> 1;
  localparam logic signed [TargetWidth-1:0] Max = {1'b0, {(TargetWidth - 1) {1'b1}}};
  localparam logic signed [TargetWidth-1:0] Min = -Max;

  if (SourceWidth < 1 || TargetWidth < 2) begin : gen_bad_width
    $error("requantize: SourceWidth must be at least 1 and TargetWidth at least 2");
  end

  logic signed [Wide-1:0] rounded;

  // One exact sum and one shift: the arithmetic shift floors, the constant makes it half up.
  assign rounded = ((Wide'(value_i) <<< Left) + Half) >>> Right;

  // The limits are symmetric: the most negative integer of the target never leaves.
  always_comb begin
    if (rounded > Wide'(Max)) value_o = Max;
    else if (rounded < Wide'(Min)) value_o = Min;
    else value_o = TargetWidth'(rounded);
  end
endmodule
