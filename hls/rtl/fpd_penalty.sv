// SPDX-License-Identifier: Apache-2.0
// A penalty's step of FPD-Net, eqs. (38) and (39): over the points j of the grid
//   sum = Σ_j F(scale·(x − j)),  F from a table,      x' = sat(RS(x − step·sum)).
// scale·x is multiplied once; scale·j, a constant multiple of the scale, beside it. The sum is exact.
// Latency: 7 + SlicerBits cycles (scale·x, arguments, 2 of the tables, the tree, step·sum, 2 of the
// combination); scale_i belongs to x_i, step_i to the sum, 4 + SlicerBits cycles later.
// Golden model: fixedpoint/detectors/fpd.py.
`default_nettype none

module fpd_penalty #(
  parameter int unsigned ScaleWidth    = 10,
  parameter int unsigned StepWidth     = 10,
  parameter int unsigned ArgumentWidth = 20,
  parameter int          TableShift    = 8,
  parameter int unsigned AddressWidth  = 6,
  parameter int unsigned TableWidth    = 8,
  parameter string       File          = "fpd_quartic.mem",
  parameter int unsigned SumWidth      = 10,
  parameter int unsigned ScaledWidth   = 20,
  parameter int unsigned XAlign        = 8,
  parameter int unsigned ScaledAlign   = 0,
  parameter int unsigned ChangeWidth   = 24,
  parameter int          UpdateShift   = 8,
  localparam int unsigned StateWidth = bitfold_pkg::StateWidth
) (
  input  wire logic                         clk_i,
  input  wire logic signed [StateWidth-1:0] x_i,
  input  wire logic signed [ScaleWidth-1:0] scale_i,
  input  wire logic signed [StepWidth-1:0]  step_i,
  output logic      signed [SumWidth-1:0]   sum_o,  // for the trace
  output logic      signed [StateWidth-1:0] x_o
);
  localparam int unsigned Levels = bitfold_pkg::SlicerBits;
  localparam int unsigned Points = 1 << Levels;

  logic signed [ArgumentWidth-1:0] product_q;
  logic [Points*TableWidth-1:0] entries;
  logic signed [SumWidth-1:0] sum;
  logic signed [ScaledWidth-1:0] scaled_q;
  logic signed [StateWidth-1:0] x_late;

  always_ff @(posedge clk_i) begin
    product_q <= ArgumentWidth'(x_i) * ArgumentWidth'(scale_i);
    scaled_q  <= ScaledWidth'(sum) * ScaledWidth'(step_i);
  end

  for (genvar j = 0; j < Points; j++) begin : gen_point
    localparam longint Point =
      longint'(j) * longint'(bitfold_pkg::Spacing) - longint'(bitfold_pkg::Peak);
    logic signed [ArgumentWidth-1:0] shift_q, argument_q;

    always_ff @(posedge clk_i) begin
      shift_q    <= ArgumentWidth'(scale_i) * ArgumentWidth'(Point);
      argument_q <= product_q - shift_q;
    end

    table_read #(
      .SourceWidth(ArgumentWidth), .Shift(TableShift), .AddressWidth(AddressWidth),
      .Width(TableWidth), .File(File)
    ) u_table (
      .clk_i, .value_i(argument_q), .entry_o(entries[j*TableWidth +: TableWidth])
    );
  end

  adder_tree #(.Count(Points), .Width(TableWidth), .SumWidth(SumWidth)) u_sum (
    .clk_i, .terms_i(entries), .sum_o(sum)
  );

  delay #(.Width(StateWidth), .Depth(5 + Levels)) u_x (
    .clk_i, .data_i(x_i), .data_o(x_late)
  );
  delay #(.Width(SumWidth), .Depth(3)) u_trace_sum (
    .clk_i, .data_i(sum), .data_o(sum_o)
  );

  combine #(
    .FirstWidth(StateWidth), .FirstAlign(XAlign), .SecondWidth(ScaledWidth),
    .SecondAlign(ScaledAlign), .Subtract(1'b1), .SumWidth(ChangeWidth), .Shift(UpdateShift),
    .TargetWidth(StateWidth)
  ) u_update (
    .clk_i, .first_i(x_late), .second_i(scaled_q), .value_o(x_o)
  );
endmodule

`default_nettype wire
