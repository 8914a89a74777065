// SPDX-License-Identifier: Apache-2.0
// numerator/denominator by a table of reciprocals of mantissas, requantized once: with 2^place ≤ q <
// 2^(place+1) of the denominator q and q = 2^place·(1 + t), numerator · table(t), shifted right by
// Shift + place. The denominator is positive; Top is the place of its highest possible bit.
// Latency: 8 cycles (place, t, address, entry, 2 of the product, rounded, saturated).
// Golden model: fixedpoint/program/views/golden.py, Quotient.
`default_nettype none

module quotient #(
  parameter int unsigned NumeratorWidth   = 10,
  parameter int unsigned DenominatorWidth = 10,
  parameter int unsigned Top              = 8,
  parameter int          TableShift       = 4,
  parameter int unsigned AddressWidth     = 5,  // a bit more than t's, which has no sign
  parameter int unsigned EntryWidth       = 8,
  parameter string       File             = "reciprocal.mem",
  parameter int          Shift            = 6,  // at place 0
  parameter int unsigned TargetWidth      = 10
) (
  input  wire logic                               clk_i,
  input  wire logic signed [NumeratorWidth-1:0]   numerator_i,
  input  wire logic signed [DenominatorWidth-1:0] denominator_i,
  output logic      signed [TargetWidth-1:0]      value_o
);
  localparam int unsigned PlaceWidth = $clog2(Top + 2);
  localparam int unsigned ProductWidth = NumeratorWidth + EntryWidth;
  localparam int unsigned Left = (Shift < 0) ? unsigned'(-Shift) : 0;
  localparam int unsigned Right = (Shift > 0) ? unsigned'(Shift) : 0;
  localparam int unsigned Wide = ProductWidth + Left + Right + Top + 1;
  localparam int unsigned Sum = (Wide > TargetWidth) ? Wide : TargetWidth;
  localparam int unsigned RightWidth = $clog2(Right + Top + 1) + 1;

  logic [PlaceWidth-1:0] place, place_1, place_6;
  logic [Top:0] denominator_1;
  logic signed [Top+1:0] fraction_2;
  logic signed [NumeratorWidth-1:0] numerator_4;
  logic signed [EntryWidth-1:0] entry;
  logic signed [ProductWidth-1:0] product_6;
  logic [RightWidth-1:0] right;
  logic signed [Sum-1:0] half, rounded_7;
  logic signed [TargetWidth-1:0] value;

  always_comb begin
    place = '0;
    for (int unsigned i = 1; i <= Top; i++) if (denominator_i[i]) place = PlaceWidth'(i);
  end

  // The highest bit moves up to Top, where it is left out.
  logic [Top:0] mantissa;
  assign mantissa = denominator_1 << (PlaceWidth'(Top) - place_1);

  always_ff @(posedge clk_i) begin
    place_1       <= place;
    denominator_1 <= denominator_i[Top:0];
    fraction_2    <= {2'b00, mantissa[Top-1:0]};
  end

  table_read #(
    .SourceWidth(Top + 2), .Shift(TableShift), .AddressWidth(AddressWidth), .Width(EntryWidth),
    .File(File)
  ) u_table (
    .clk_i, .value_i(fraction_2), .entry_o(entry)
  );
  delay #(.Width(NumeratorWidth), .Depth(4)) u_numerator (
    .clk_i, .data_i(numerator_i), .data_o(numerator_4)
  );
  product #(
    .AWidth(NumeratorWidth), .BWidth(EntryWidth), .ProductWidth(ProductWidth)
  ) u_product (
    .clk_i, .a_i(numerator_4), .b_i(entry), .product_o(product_6)
  );
  delay #(.Width(PlaceWidth), .Depth(5)) u_place (
    .clk_i, .data_i(place_1), .data_o(place_6)
  );

  // As round_shift, by a distance that varies.
  assign right = RightWidth'(Right) + RightWidth'(place_6);
  assign half  = (Sum'(1) << right) >> 1;

  always_ff @(posedge clk_i) begin
    rounded_7 <= ((Sum'(product_6) <<< Left) + half) >>> right;
    value_o   <= value;
  end

  saturate #(.Width(Sum), .TargetWidth(TargetWidth)) u_saturate (
    .value_i(rounded_7), .value_o(value)
  );

  logic unused_bits;
  assign unused_bits = ^{denominator_i, mantissa[Top]};
endmodule

`default_nettype wire
