// SPDX-License-Identifier: Apache-2.0
// The end of a column pass: its sums leave group by group with the pass they belong to, which of the slot's
// vectors are there, the frame of the first, whether they are void, their block and tags, and the tag of their
// bank above it (none if BlockTagWidth is 0). The state records of a group, which read_* asks for, belong
// to column_* a cycle later.
// Latency: the first group 3 cycles after last_i. finish_o marks the last group of the last layer, a
// cycle later: the vector's slot is free again.
`default_nettype none

module column_drain #(
  parameter int unsigned Columns       = 32,
  parameter int unsigned GroupColumns  = 1,
  parameter int unsigned Vectors       = 1,   // of a slot; neighbours in partial_i
  parameter int unsigned PartialWidth  = 15,
  parameter int unsigned SumWidth      = 20,
  parameter int unsigned Slots         = 4,
  parameter int unsigned Layers        = 5,
  parameter int unsigned TagWidth      = 6,
  parameter int unsigned BlockWidth    = 16,
  parameter int unsigned BlockTagWidth = 0,
  localparam int unsigned BlockTagBits = (BlockTagWidth > 0) ? BlockTagWidth : 1,
  localparam int unsigned Groups = (Columns + GroupColumns - 1) / GroupColumns,
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1,
  localparam int unsigned SlotWidth = (Slots > 1) ? $clog2(Slots) : 1,
  localparam int unsigned FrameWidth = (Vectors * Slots > 1) ? $clog2(Vectors * Slots) : 1,
  localparam int unsigned LayerWidth = (Layers > 1) ? $clog2(Layers) : 1
) (
  input  wire logic                                      clk_i,
  input  wire logic                                      rst_ni,
  input  wire logic                                      valid_i,
  input  wire logic                                      first_i,
  input  wire logic                                      last_i,
  input  wire logic [Columns*Vectors*PartialWidth-1:0]   partial_i,
  input  wire logic [SlotWidth-1:0]                      slot_i,   // of the pass, a cycle after its partial sums
  input  wire logic [LayerWidth-1:0]                     layer_i,
  input  wire logic [Slots-1:0]                          bank_i,
  input  wire logic [Slots-1:0]                          void_i,
  input  wire logic [BlockWidth-1:0]                     block_i,  // of read_slot_o
  input  wire logic [Slots*Vectors*TagWidth-1:0]         tags_i,
  input  wire logic [Slots*Vectors-1:0]                  there_i,
  input  wire logic [Slots*FrameWidth-1:0]               frames_i,
  input  wire logic [2*BlockTagBits-1:0]                 block_tags_i,
  output logic      [SlotWidth-1:0]                      read_slot_o,
  output logic      [GroupWidth-1:0]                     read_group_o,
  output logic      [Vectors-1:0]                        column_valid_o,
  output logic      [SlotWidth-1:0]                      column_slot_o,
  output logic      [FrameWidth-1:0]                     column_frame_o,
  output logic      [LayerWidth-1:0]                     column_layer_o,
  output logic      [GroupWidth-1:0]                     column_group_o,
  output logic                                           column_void_o,
  output logic      [BlockWidth-1:0]                     column_block_o,
  output logic      [BlockTagWidth+Vectors*TagWidth-1:0] column_tag_o,
  output logic      [Vectors*GroupColumns*SumWidth-1:0]  column_sum_o,
  output logic                                           finish_o
);
  localparam int unsigned TagsWidth = Vectors * TagWidth;
  localparam logic [LayerWidth-1:0] LastLayer = LayerWidth'(Layers - 1);

  logic load, draining, last_group, bank;
  logic [SlotWidth-1:0] slot_q;
  logic [LayerWidth-1:0] layer_q;
  logic [GroupColumns*Vectors*SumWidth-1:0] sum, sum_by_vector;

  column_sums #(
    .Columns(Columns * Vectors), .GroupColumns(GroupColumns * Vectors),
    .PartialWidth(PartialWidth), .SumWidth(SumWidth)
  ) u_sums (
    .clk_i, .rst_ni, .valid_i, .first_i, .last_i, .partial_i, .load_o(load), .valid_o(draining),
    .group_o(read_group_o), .last_o(last_group), .sum_o(sum)
  );

  for (genvar v = 0; v < Vectors; v++) begin : gen_vector
    for (genvar c = 0; c < GroupColumns; c++) begin : gen_column
      assign sum_by_vector[(v*GroupColumns+c)*SumWidth +: SumWidth] =
        sum[(c*Vectors+v)*SumWidth +: SumWidth];
    end
  end

  assign bank        = bank_i[slot_q];
  assign read_slot_o = slot_q;

  // The pass that is being drained, then its groups, a cycle later with their state records.
  always_ff @(posedge clk_i) begin
    if (load) begin
      slot_q  <= slot_i;
      layer_q <= layer_i;
    end
    column_valid_o  <= (rst_ni && draining) ? there_i[slot_q*Vectors +: Vectors] : '0;
    column_slot_o   <= slot_q;
    column_frame_o  <= frames_i[slot_q*FrameWidth +: FrameWidth];
    column_layer_o  <= layer_q;
    column_group_o  <= read_group_o;
    column_void_o   <= void_i[slot_q];
    column_block_o  <= block_i;
    column_tag_o    <= (BlockTagWidth + TagsWidth)'({
      block_tags_i[bank*BlockTagBits +: BlockTagBits], tags_i[slot_q*TagsWidth +: TagsWidth]
    });
    column_sum_o    <= sum_by_vector;
    finish_o        <= rst_ni && draining && last_group && layer_q == LastLayer;
  end
endmodule

`default_nettype wire
