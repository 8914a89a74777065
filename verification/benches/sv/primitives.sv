// SPDX-License-Identifier: Apache-2.0
// The combinational modules with many parameters, and logic_product, side by side, so that one build serves
// their benches.
// Table holds {target width, shift, source width} of each requantizer, 16 bits each, the first case in
// the lowest bits; every case takes the low bits of the one value, and its result is sign-extended.
// Factors holds {second width, first width} of each logic_product, which takes the first factor from the
// update and the second one from the value.
`default_nettype none

module primitives #(
  parameter int unsigned          Cases      = 1,
  parameter logic [48*Cases-1:0]  Table      = {16'd8, 16'd4, 16'd16},
  parameter int unsigned          Products   = 1,
  parameter logic [32*Products-1:0] Factors  = {16'd13, 16'd8},
  parameter int unsigned          States     = 1,
  parameter logic [16*States-1:0] Widths     = 16'd9,  // of the states of prox and slicer
  parameter logic [16*States-1:0] SlicerBits = 16'd2,
  parameter logic [128*States-1:0] Thresholds = '0     // packed as each slicer takes them
) (
  input  wire logic                 clk_i,  // of the products alone
  input  wire logic [62:0]          value_i,
  output logic      [32*Cases-1:0]  value_o,
  output logic      [32*Products-1:0] product_o,
  input  wire logic [15:0]          update_i,
  input  wire logic [15:0]          threshold_i,
  output logic      [16*States-1:0] soft_o,
  output logic      [16*States-1:0] box_o,
  output logic      [16*States-1:0] fold_o,
  output logic      [8*States-1:0]  bits_o
);
  for (genvar c = 0; c < Cases; c++) begin : gen_case
    localparam int unsigned Source = 32'(Table[48*c +: 16]);
    localparam int          Shift  = 32'(signed'(Table[48*c+16 +: 16]));
    localparam int unsigned Target = 32'(Table[48*c+32 +: 16]);
    logic signed [Target-1:0] value;

    requantize #(.SourceWidth(Source), .Shift(Shift), .TargetWidth(Target)) u_requantize (
      .value_i(value_i[Source-1:0]), .value_o(value)
    );
    assign value_o[32*c +: 32] = 32'(value);
  end

  for (genvar p = 0; p < Products; p++) begin : gen_product
    localparam int unsigned First  = 32'(Factors[32*p +: 16]);
    localparam int unsigned Second = 32'(Factors[32*p+16 +: 16]);
    logic signed [First+Second-2:0] product;

    logic_product #(.FirstWidth(First), .SecondWidth(Second)) u_product (
      .clk_i, .first_i(update_i[First-1:0]), .second_i(value_i[Second-1:0]), .product_o(product)
    );
    assign product_o[32*p +: 32] = 32'(product);
  end

  for (genvar s = 0; s < States; s++) begin : gen_state
    localparam int unsigned Width = 32'(Widths[16*s +: 16]);
    localparam int unsigned Bits  = 32'(SlicerBits[16*s +: 16]);
    localparam int unsigned Count = (1 << Bits) - 1;
    logic signed [Width-1:0] shrunk, boxed, folded;
    logic [Bits-1:0] bits;

    soft_threshold #(.Width(Width)) u_soft (
      .update_i(update_i[Width-1:0]), .threshold_i(threshold_i[Width-1:0]), .state_o(shrunk)
    );
    box #(.Width(Width)) u_box (
      .update_i(update_i[Width-1:0]), .bound_i(threshold_i[Width-1:0]), .state_o(boxed)
    );
    fold #(.Width(Width)) u_fold (
      .value_i(update_i[Width-1:0]), .crease_i(threshold_i[Width-1:0]), .folded_o(folded)
    );
    slicer #(
      .Width(Width), .Bits(Bits), .Count(Count), .Thresholds(Thresholds[128*s +: Count*Width])
    ) u_slicer (
      .state_i(update_i[Width-1:0]), .bits_o(bits)
    );
    assign soft_o[16*s +: 16] = 16'(shrunk);
    assign box_o[16*s +: 16]  = 16'(boxed);
    assign fold_o[16*s +: 16] = 16'(folded);
    assign bits_o[8*s +: 8]   = 8'(bits);
  end
endmodule

`default_nettype wire
