// Δ of the layer before, by SNR entry: the scale of the code that enters a layer. The first layer's code
// is zero, so that its Δ (the first entry's row is read) has no effect.
// Latency: 1 cycle.
module pgd_step #(
  parameter int unsigned LayerWidth = 3,
  parameter int unsigned TagWidth   = 6
) (
  input  logic                                     clk_i,
  input  logic [LayerWidth-1:0]                    layer_i,
  input  logic [TagWidth-1:0]                      index_i,
  output logic signed [bitfold_pkg::StepWidth-1:0] step_o
);
  localparam int unsigned Depth = bitfold_pkg::Layers * bitfold_pkg::BankEntries;
  localparam int unsigned AddressWidth = (Depth > 1) ? $clog2(Depth) : 1;

  logic [AddressWidth-1:0] base;

  // The row of the layer before begins at (layer - 1) * BankEntries.
  always_comb begin
    base = '0;
    for (int unsigned k = 1; k < bitfold_pkg::Layers; k++) begin
      if (layer_i == LayerWidth'(k)) base = AddressWidth'((k - 1) * bitfold_pkg::BankEntries);
    end
  end

  constant_rom #(
    .Width(bitfold_pkg::StepWidth), .Depth(Depth), .File("pgd_step.mem")
  ) u_rom (
    .clk_i, .address_i(base + AddressWidth'(index_i)), .data_o(step_o)
  );
endmodule
