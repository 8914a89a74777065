// SPDX-License-Identifier: Apache-2.0
// The vectors' side of the engine: frames of y in, their records, and the slots that they take, one or
// two vectors a slot. What is of a vector is Vectors times as wide, vector 0 lowest.
// A slot that is away (away_i) waits for something outside the engine.
// Latency: 1 cycle from row_slot_i and row_word_i to row_record_o, row_tag_o and row_there_o; combinational
// from block_slot_i.
`default_nettype none

module vector_slots #(
  parameter int unsigned Vectors     = 1,
  parameter int unsigned Slots       = 4,
  parameter int unsigned Words       = 32,
  parameter int unsigned RowsPerWord = 1,
  parameter int unsigned RecordWidth = 12,
  parameter int unsigned TagWidth    = 6,
  parameter int unsigned BlockWidth  = 16,
  parameter int unsigned CountWidth  = 16,
  parameter int unsigned Rows        = Words * RowsPerWord,
  localparam int unsigned Frames = Vectors * Slots,
  localparam int unsigned FrameWidth = (Frames > 1) ? $clog2(Frames) : 1,
  localparam int unsigned SlotWidth = (Slots > 1) ? $clog2(Slots) : 1,
  localparam int unsigned WordWidth = (Words > 1) ? $clog2(Words) : 1
) (
  input  wire logic                                       clk_i,
  input  wire logic                                       rst_ni,
  input  wire logic                                       y_valid_i,
  output logic                                            y_ready_o,
  input  wire logic [RecordWidth-1:0]                     y_data_i,
  input  wire logic                                       y_last_i,
  input  wire logic [BlockWidth-1:0]                      y_block_i,
  input  wire logic [TagWidth-1:0]                        y_tag_i,
  input  wire logic [1:0]                                 full_i,  // of the banks of H
  input  wire logic [2*BlockWidth-1:0]                    blocks_i,
  input  wire logic                                       newest_i,
  input  wire logic                                       any_i,
  output logic      [1:0]                                 release_o,
  output logic                                            start_o,
  output logic      [SlotWidth-1:0]                       start_slot_o,
  output logic      [Slots-1:0]                           bank_o,
  output logic      [Slots-1:0]                           void_o,
  output logic      [Slots*Vectors*TagWidth-1:0]          tags_o,
  output logic      [Slots*Vectors-1:0]                   there_o,  // which vectors each slot has
  output logic      [Slots*FrameWidth-1:0]                frames_o,  // of the first vector of each slot
  input  wire logic [Slots-1:0]                           away_i,
  input  wire logic [SlotWidth-1:0]                       block_slot_i,
  output logic      [BlockWidth-1:0]                      block_o,
  input  wire logic [SlotWidth-1:0]                       row_slot_i,
  input  wire logic [WordWidth-1:0]                       row_word_i,
  output logic      [Vectors*RowsPerWord*RecordWidth-1:0] row_record_o,
  output logic      [Vectors*TagWidth-1:0]                row_tag_o,
  output logic      [Vectors-1:0]                         row_there_o,
  input  wire logic                                       finish_i,       // the oldest slot is done
  input  wire logic                                       finish_pair_i,  // and had two vectors
  output logic                                            busy_o,
  output logic                                            error_o,
  output logic      [CountWidth-1:0]                      errors_o,
  output logic      [Vectors-1:0]                         lost_o,         // a vector is void
  output logic      [CountWidth-1:0]                      losses_o
);
  localparam int unsigned TagsWidth = Vectors * TagWidth;
  localparam int unsigned GroupWidth = TagsWidth + ((Vectors > 1) ? FrameWidth + 1 : 0);

  logic commit, frame_free, slot_free, slots_busy, work, waiting, take, start_void;
  logic [BlockWidth-1:0] block;
  logic [FrameWidth-1:0] load_frame, row_frame;
  logic [SlotWidth-1:0] load_slot;
  logic [GroupWidth-1:0] group;
  logic [Slots*GroupWidth-1:0] groups;

  y_records #(
    .Frames(Frames), .Vectors(Vectors), .Words(Words), .RowsPerWord(RowsPerWord),
    .RecordWidth(RecordWidth), .CountWidth(CountWidth), .Rows(Rows)
  ) u_records (
    .clk_i, .rst_ni, .y_valid_i, .y_ready_o, .y_data_i, .y_last_i,
    .free_i(frame_free), .load_i(load_frame), .commit_o(commit),
    .read_frame_i(row_frame), .read_word_i(row_word_i), .record_o(row_record_o),
    .error_o, .errors_o
  );

  vector_groups #(
    .Vectors(Vectors), .Slots(Slots), .TagWidth(TagWidth), .BlockWidth(BlockWidth)
  ) u_groups (
    .clk_i, .rst_ni, .commit_i(commit), .block_i(y_block_i), .tag_i(y_tag_i),
    .free_o(frame_free), .load_o(load_frame),
    .full_i, .newest_i(blocks_i[newest_i*BlockWidth +: BlockWidth]), .any_i,
    .slot_free_i(slot_free), .slot_i(load_slot), .slots_busy_i(work),
    .take_o(take), .block_o(block), .group_o(group),
    .finish_i, .finish_pair_i, .waiting_o(waiting)
  );

  slot_ring #(.Slots(Slots), .TagWidth(GroupWidth), .BlockWidth(BlockWidth)) u_ring (
    .clk_i, .rst_ni, .commit_i(take), .block_i(block), .tag_i(group),
    .free_o(slot_free), .load_o(load_slot), .full_i, .blocks_i, .newest_i, .any_i, .release_o,
    .start_o, .start_slot_o, .start_void_o(start_void), .finish_i, .bank_o, .void_o, .tags_o(groups),
    .read_slot_i(block_slot_i), .read_block_o(block_o), .away_i, .work_o(work), .busy_o(slots_busy)
  );

  assign busy_o = slots_busy || waiting;

  drop_count #(.Vectors(Vectors), .CountWidth(CountWidth)) u_lost (
    .clk_i, .rst_ni,
    .drop_i({Vectors{start_o && start_void}} & there_o[start_slot_o*Vectors +: Vectors]),
    .error_o(lost_o), .errors_o(losses_o)
  );

  for (genvar s = 0; s < Slots; s++) begin : gen_slot
    assign tags_o[s*TagsWidth +: TagsWidth] = groups[s*GroupWidth +: TagsWidth];
  end

  // A single vector's frame lies where its slot says, a group's where the group says.
  if (Vectors == 1) begin : gen_single
    assign there_o = '1;

    for (genvar s = 0; s < Slots; s++) begin : gen_frame
      assign frames_o[s*FrameWidth +: FrameWidth] = FrameWidth'(s);
    end
    assign row_frame = row_slot_i;
  end else begin : gen_group
    assign row_frame = frames_o[row_slot_i*FrameWidth +: FrameWidth];

    for (genvar s = 0; s < Slots; s++) begin : gen_there
      assign frames_o[s*FrameWidth +: FrameWidth] = groups[s*GroupWidth+TagsWidth +: FrameWidth];
      assign there_o[s*Vectors +: Vectors] = {groups[(s+1)*GroupWidth-1], 1'b1};
    end
  end

  always_ff @(posedge clk_i) begin
    row_tag_o   <= tags_o[row_slot_i*TagsWidth +: TagsWidth];
    row_there_o <= there_o[row_slot_i*Vectors +: Vectors];
  end
endmodule

`default_nettype wire
