// SPDX-License-Identifier: Apache-2.0
// The third penalty's step of FPD-Net and the projection, eq. (40):
//   x_c = Π(sat(RS(d + πμ₄·t))),  t a layer's table of the distance of d from the nearest point of the
// grid, Π onto ±the largest point. The table is θ's: entry i of a layer lies at address i - max.
// Latency: 7 cycles (distance, address, entry, product, 2 of the combination, projection); layer_i and
// step_i belong to the stages of the address and of the entry, 2 and 3 cycles after d_i.
// Golden model: fixedpoint/detectors/fpd.py.
`default_nettype none

module fpd_cosine #(
  parameter int unsigned ItemWidth = 7,
  localparam int unsigned Layers = bitfold_pkg::Layers,
  localparam int unsigned LayerWidth = (Layers > 1) ? $clog2(Layers) : 1,
  localparam int unsigned StateWidth = bitfold_pkg::StateWidth,
  localparam int unsigned CosineWidth = bitfold_pkg::CosineWidth
) (
  input  wire logic                                           clk_i,
  input  wire logic                                           write_i,
  input  wire logic [1:0]                                     write_bank_i,
  input  wire logic [LayerWidth-1:0]                          write_layer_i,
  input  wire logic [ItemWidth-1:0]                           write_item_i,
  input  wire logic [15:0]                                    write_data_i,
  input  wire logic [1:0]                                     bank_i,
  input  wire logic signed [StateWidth-1:0]                   d_i,
  input  wire logic [LayerWidth-1:0]                          layer_i,
  input  wire logic signed [bitfold_pkg::CosineStepWidth-1:0] step_i,
  output logic      signed [CosineWidth-1:0]                  cosine_o,  // for the trace
  output logic      signed [StateWidth-1:0]                   estimate_o
);
  localparam int unsigned AddressWidth = bitfold_pkg::CosineAddressWidth;
  localparam int unsigned DistanceWidth = bitfold_pkg::DistanceWidth;
  localparam int unsigned ScaledWidth = bitfold_pkg::CosineScaledWidth;
  // From an item of a frame to an address: past the scales, on from the lowest address, modulo 2^bits.
  localparam int unsigned Lowest = (1 << (AddressWidth - 1)) + 1;

  logic signed [DistanceWidth-1:0] distance, distance_q;
  logic signed [AddressWidth-1:0] address, address_q;
  logic [AddressWidth-1:0] write_entry;
  logic signed [CosineWidth-1:0] cosine;
  logic signed [ScaledWidth-1:0] scaled_q;
  logic signed [StateWidth-1:0] d_4, update, projected;

  grid_distance #(
    .Width(StateWidth), .DistanceWidth(DistanceWidth), .Bits(bitfold_pkg::SlicerBits),
    .Count(bitfold_pkg::SlicerCount), .Thresholds(bitfold_pkg::SlicerThresholds),
    .Peak(bitfold_pkg::Peak), .Spacing(bitfold_pkg::Spacing)
  ) u_distance (
    .state_i(d_i), .distance_o(distance)
  );

  requantize #(
    .SourceWidth(DistanceWidth), .Shift(bitfold_pkg::CosineShift), .TargetWidth(AddressWidth)
  ) u_address (
    .value_i(distance_q), .value_o(address)
  );

  assign write_entry = AddressWidth'(32'(write_item_i) - bitfold_pkg::Scales + Lowest);

  fpd_memory #(
    .Width(CosineWidth), .Depth(Layers << AddressWidth),
    .AddressWidth(LayerWidth + AddressWidth), .File("fpd_cosine.mem")
  ) u_table (
    .clk_i, .write_i(write_i && 32'(write_item_i) >= bitfold_pkg::Scales), .write_bank_i,
    .write_address_i({write_layer_i, write_entry}), .write_data_i, .bank_i,
    .address_i({layer_i, unsigned'(address_q)}), .data_o(cosine)
  );

  always_ff @(posedge clk_i) begin
    distance_q <= distance;
    address_q  <= address;
    scaled_q   <= ScaledWidth'(cosine) * ScaledWidth'(step_i);
    estimate_o <= projected;
  end

  delay #(.Width(StateWidth), .Depth(4)) u_d (
    .clk_i, .data_i(d_i), .data_o(d_4)
  );
  delay #(.Width(CosineWidth), .Depth(4)) u_trace_cosine (
    .clk_i, .data_i(cosine), .data_o(cosine_o)
  );

  combine #(
    .FirstWidth(StateWidth), .FirstAlign(bitfold_pkg::CosineXAlign), .SecondWidth(ScaledWidth),
    .SecondAlign(bitfold_pkg::CosineScaledAlign), .SumWidth(bitfold_pkg::CosineChangeWidth),
    .Shift(bitfold_pkg::CosineUpdateShift), .TargetWidth(StateWidth)
  ) u_update (
    .clk_i, .first_i(d_4), .second_i(scaled_q), .value_o(update)
  );

  box #(.Width(StateWidth)) u_project (
    .update_i(update), .bound_i(StateWidth'(bitfold_pkg::Peak)), .state_o(projected)
  );
endmodule

`default_nettype wire
