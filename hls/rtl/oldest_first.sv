// The choice of the next slot: of the open ones the oldest, that is the first from oldest_i on around
// the ring. Without an open one pick_o is low and slot_o is oldest_i.
// Latency: combinational.
module oldest_first #(
  parameter int unsigned Slots = 4,
  localparam int unsigned SlotWidth = (Slots > 1) ? $clog2(Slots) : 1
) (
  input  logic [Slots-1:0]     open_i,
  input  logic [SlotWidth-1:0] oldest_i,
  output logic                 pick_o,
  output logic [SlotWidth-1:0] slot_o,
  output logic [SlotWidth-1:0] next_oldest_o  // the place behind the oldest one
);
  // The slot that lies `age` places behind the oldest one in the ring.
  function automatic logic [SlotWidth-1:0] younger(
    input logic [SlotWidth-1:0] oldest, input int unsigned age
  );
    int unsigned place;
    place = 32'(oldest) + age;
    return SlotWidth'((place >= Slots) ? place - Slots : place);
  endfunction

  // Candidates are tried from the youngest on, so that the oldest open one stays.
  always_comb begin
    pick_o = 1'b0;
    slot_o = oldest_i;
    for (int unsigned i = 1; i <= Slots; i++) begin
      if (open_i[younger(oldest_i, Slots - i)]) begin
        pick_o = 1'b1;
        slot_o = younger(oldest_i, Slots - i);
      end
    end
  end

  assign next_oldest_o = younger(oldest_i, 1);
endmodule
