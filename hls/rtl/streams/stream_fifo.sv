// SPDX-License-Identifier: Apache-2.0
// A queue of Depth words between a source that never waits and a stream with a ready. Who pushes knows
// that there is room: the places are counted where the words are made.
// Latency: 1 cycle from push_i to valid_o.
`default_nettype none

module stream_fifo #(
  parameter int unsigned Depth = 64,
  parameter int unsigned Width = 32
) (
  input  wire logic             clk_i,
  input  wire logic             rst_ni,
  input  wire logic             push_i,
  input  wire logic [Width-1:0] data_i,
  output logic                  valid_o,
  input  wire logic             ready_i,
  output logic      [Width-1:0] data_o
);
  localparam int unsigned AddressWidth = (Depth > 1) ? $clog2(Depth) : 1;
  localparam int unsigned CountWidth = $clog2(Depth + 1);

  if (Depth < 1) begin : gen_bad_depth
    $error("stream_fifo: Depth must be at least 1");
  end

  logic [Width-1:0] memory[1 << AddressWidth];
  logic [AddressWidth-1:0] write_q, read_q;
  logic [CountWidth-1:0] count_q;
  logic pop;

  function automatic logic [AddressWidth-1:0] next(input logic [AddressWidth-1:0] place);
    return (place == AddressWidth'(Depth - 1)) ? '0 : place + AddressWidth'(1);
  endfunction

  assign valid_o = count_q != '0;
  assign data_o  = memory[read_q];
  assign pop     = valid_o && ready_i;

  always_ff @(posedge clk_i) if (push_i) memory[write_q] <= data_i;

  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      write_q <= '0;
      read_q  <= '0;
      count_q <= '0;
    end else begin
      if (push_i) write_q <= next(write_q);
      if (pop) read_q <= next(read_q);
      count_q <= count_q + CountWidth'(push_i) - CountWidth'(pop);
    end
  end
endmodule

`default_nettype wire
