// Box: v = clip(u, -bound, bound), bound >= 0.
// Latency: combinational. Golden model: fixedpoint/pgd.py, prox.
module box #(
  parameter int unsigned Width = 16
) (
  input  logic signed [Width-1:0] update_i,
  input  logic signed [Width-1:0] bound_i,
  output logic signed [Width-1:0] state_o
);
  if (Width < 2) begin : gen_bad_width
    $error("box: Width must be at least 2");
  end

  // A state outside the box moves to its nearer side.
  always_comb begin
    if (update_i > bound_i) state_o = bound_i;
    else if (update_i < -bound_i) state_o = -bound_i;
    else state_o = update_i;
  end
endmodule
