// SPDX-License-Identifier: Apache-2.0
// The places of the vectors that leave, the same of all streams, around a ring. reserve_i takes one (room_o says
// that each stream has one), open_i says that what goes with a vector is written to open_o, complete_i that
// its last group is written to write_o; a stream gives a place back when it has sent what lies there. A
// void vector is not opened, and its place, which void_i gives back with complete_i, is the next one's.
// Pointers count places modulo 2 * Places: equal ones are apart by no place, or, by Places, in the upper bit.
// Latency: 1 cycle.
`default_nettype none

module output_places #(
  parameter int unsigned Places  = 2,  // a power of two
  parameter int unsigned Streams = 2,
  localparam int unsigned PlaceWidth = $clog2(Places),
  localparam int unsigned PointerWidth = PlaceWidth + 1
) (
  input  wire logic                            clk_i,
  input  wire logic                            rst_ni,
  input  wire logic                            reserve_i,
  output logic                                 room_o,
  input  wire logic                            open_i,
  output logic      [PlaceWidth-1:0]           open_o,
  input  wire logic                            complete_i,
  input  wire logic                            void_i,
  output logic      [PointerWidth-1:0]         write_o,   // those behind it are complete
  input  wire logic [Streams*PointerWidth-1:0] read_i,    // those behind it are sent, by stream
  output logic                                 busy_o      // not all is sent of stream 0
);
  if (Places < 2 || 1 << PlaceWidth != Places) begin : gen_bad_places
    $error("output_places: Places must be a power of two, 2 at least");
  end

  logic [PointerWidth-1:0] reserved_q;
  logic dropped;

  always_comb begin
    room_o = 1'b1;
    for (int unsigned s = 0; s < Streams; s++) begin
      room_o &= (reserved_q ^ read_i[s*PointerWidth +: PointerWidth]) != PointerWidth'(Places);
    end
  end

  assign busy_o  = reserved_q != read_i[PointerWidth-1:0];
  assign dropped = complete_i && void_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      reserved_q <= '0;
      open_o     <= '0;
      write_o    <= '0;
    end else begin
      if (reserve_i != dropped) reserved_q <= reserved_q + (dropped ? '1 : PointerWidth'(1));
      if (open_i) open_o <= open_o + PlaceWidth'(1);
      if (complete_i && !void_i) write_o <= write_o + PointerWidth'(1);
    end
  end
endmodule

`default_nettype wire
