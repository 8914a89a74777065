// SPDX-License-Identifier: Apache-2.0
// The accumulators of a column pass, and the register from which their sums are drained.
// valid_i adds partial sums (first_i starts anew); a cycle after last_i the sums move to the holding
// register, and leave it GroupColumns a cycle in Groups cycles, while the next pass accumulates. Where the last
// group has fewer columns, the sums above them are another group's, and count for nothing.
// Column passes must start at least Groups cycles apart (the dispatcher sees to it).
// Latency: the first group 2 cycles after last_i.
`default_nettype none

module column_sums #(
  parameter int unsigned Columns      = 32,
  parameter int unsigned GroupColumns = 1,
  parameter int unsigned PartialWidth = 15,
  parameter int unsigned SumWidth     = 20,
  localparam int unsigned Groups = (Columns + GroupColumns - 1) / GroupColumns,
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1
) (
  input  wire logic                             clk_i,
  input  wire logic                             rst_ni,
  input  wire logic                             valid_i,
  input  wire logic                             first_i,
  input  wire logic                             last_i,
  input  wire logic [Columns*PartialWidth-1:0]  partial_i,
  output logic                                  load_o,   // the sums move to the holding register
  output logic                                  valid_o,
  output logic      [GroupWidth-1:0]            group_o,
  output logic                                  last_o,   // the last group
  output logic      [GroupColumns*SumWidth-1:0] sum_o
);
  if (GroupColumns > Columns) begin : gen_bad_group
    $error("column_sums: GroupColumns must be at most Columns");
  end

  logic load_q, draining_q;
  logic [GroupWidth-1:0] group_q;

  for (genvar n = 0; n < Columns; n++) begin : gen_column
    logic signed [PartialWidth-1:0] partial;
    logic signed [SumWidth-1:0] sum_q, hold_q;

    assign partial = partial_i[n*PartialWidth +: PartialWidth];

    // The first word of a pass replaces what the pass before has left.
    always_ff @(posedge clk_i) begin
      if (valid_i) sum_q <= (first_i ? '0 : sum_q) + SumWidth'(partial);
    end

    // The sums are copied whole, then move up a group each cycle, the first group to the exit.
    if (n + GroupColumns < Columns) begin : gen_behind
      always_ff @(posedge clk_i) hold_q <= load_q ? sum_q : gen_column[n+GroupColumns].hold_q;
    end else begin : gen_last
      always_ff @(posedge clk_i) if (load_q) hold_q <= sum_q;
    end

    if (n < GroupColumns) begin : gen_exit
      assign sum_o[n*SumWidth +: SumWidth] = hold_q;
    end
  end

  // Draining goes on until the last group has left; a new load may follow it at once.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      load_q     <= 1'b0;
      draining_q <= 1'b0;
      group_q    <= '0;
    end else begin
      load_q <= valid_i && last_i;
      if (load_q) begin
        draining_q <= 1'b1;
        group_q    <= '0;
      end else begin
        draining_q <= draining_q && !last_o;
        group_q    <= group_q + GroupWidth'(1);
      end
    end
  end

  assign load_o  = load_q;
  assign valid_o = draining_q;
  assign group_o = group_q;
  assign last_o  = draining_q && group_q == GroupWidth'(Groups - 1);
endmodule

`default_nettype wire
