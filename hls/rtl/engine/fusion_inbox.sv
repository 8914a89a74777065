// SPDX-License-Identifier: Apache-2.0
// What the fusion node keeps of one unit's messages: two places a slot, since a fast unit sends the
// first message of a new vector before a slow one has sent the last of the old one. Of each slot the oldest
// message is shown; done_i frees the one in read_slot_i. A message for a full slot waits (ready_o low);
// one whose slot or layer does not exist is refused.
// Latency: a whole message shows in ready_slots_o a cycle after its last beat; combinational from
// user_slot_i to user_o; 1 cycle from read_slot_i and read_group_i to estimate_o.
`default_nettype none

module fusion_inbox #(
  parameter int unsigned Slots        = 8,
  parameter int unsigned Layers       = 5,
  parameter int unsigned Groups       = 8,
  parameter int unsigned GroupColumns = 2,
  parameter int unsigned StateWidth   = 10,
  parameter int unsigned UserWidth    = 13,  // {…, layer, slot}
  parameter int unsigned CountWidth   = 16,
  localparam int unsigned SlotWidth = (Slots > 1) ? $clog2(Slots) : 1,
  localparam int unsigned LayerWidth = (Layers > 1) ? $clog2(Layers) : 1,
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1,
  localparam int unsigned DataWidth = GroupColumns * StateWidth,
  localparam int unsigned KeptWidth = UserWidth - SlotWidth
) (
  input  wire logic                       clk_i,
  input  wire logic                       rst_ni,
  input  wire logic                       valid_i,
  output logic                            ready_o,
  input  wire logic [DataWidth-1:0]       data_i,
  input  wire logic                       last_i,
  input  wire logic [UserWidth-1:0]       user_i,
  output logic      [Slots-1:0]           ready_slots_o,  // slots with a whole message
  output logic      [Slots-1:0]           final_slots_o,  // of the last layer
  input  wire logic [SlotWidth-1:0]       user_slot_i,
  output logic      [KeptWidth-1:0]       user_o,         // without the slot
  input  wire logic [SlotWidth-1:0]       read_slot_i,
  input  wire logic [GroupWidth-1:0]      read_group_i,
  input  wire logic                       done_i,
  output logic      [DataWidth-1:0]       estimate_o,
  output logic                            busy_o,
  output logic                            error_o,
  output logic      [CountWidth-1:0]      errors_o
);
  logic [KeptWidth-1:0] users[2 << SlotWidth];
  logic [Slots-1:0] write_place_q, head_place, full;
  logic [Slots-1:0][1:0] count_q;
  logic [SlotWidth-1:0] slot, kept;
  logic legal, final_layer, write, commit;
  logic [GroupWidth-1:0] group;
  logic [DataWidth-1:0] estimate;

  assign slot  = user_i[SlotWidth-1:0];
  assign legal = 32'(slot) < Slots && 32'(user_i[SlotWidth +: LayerWidth]) < Layers;
  assign kept  = legal ? slot : '0;
  assign final_layer = user_i[SlotWidth +: LayerWidth] == LayerWidth'(Layers - 1);

  // Both places of a slot are taken: its next message waits. One that has begun has its place, also if a
  // later beat names another slot.
  assign ready_o = group != '0 || !legal || !full[kept];

  message_guard #(.Groups(Groups), .KeyWidth(UserWidth), .CountWidth(CountWidth)) u_guard (
    .clk_i, .rst_ni, .beat_i(valid_i && ready_o), .last_i, .key_i(user_i), .legal_i(legal),
    .write_o(write), .group_o(group), .commit_o(commit), .error_o, .errors_o
  );

  // The places of a slot are filled and emptied in turn.
  for (genvar s = 0; s < Slots; s++) begin : gen_slot
    logic add, remove;
    logic [1:0] final_q;

    assign add    = commit && kept == SlotWidth'(s);
    assign remove = done_i && read_slot_i == SlotWidth'(s);

    always_ff @(posedge clk_i) begin
      if (!rst_ni) begin
        write_place_q[s] <= 1'b0;
        count_q[s]       <= '0;
      end else begin
        write_place_q[s] <= write_place_q[s] ^ add;
        count_q[s]       <= count_q[s] + 2'(add) - 2'(remove);
      end
    end
    always_ff @(posedge clk_i) if (add) final_q[write_place_q[s]] <= final_layer;

    // With one message the head lies behind the place to be written, with two in it.
    assign head_place[s]    = write_place_q[s] ^ count_q[s][0];
    assign full[s]          = count_q[s] == 2'd2;
    assign ready_slots_o[s] = count_q[s] != '0;
    assign final_slots_o[s] = final_q[head_place[s]];
  end

  always_ff @(posedge clk_i) begin
    if (commit) users[{write_place_q[kept], kept}] <= user_i[UserWidth-1:SlotWidth];
  end
  assign user_o = users[{head_place[user_slot_i], user_slot_i}];

  beat_clamp #(.Count(GroupColumns), .SourceWidth(StateWidth), .Width(StateWidth)) u_clamp (
    .beat_i(data_i), .integers_o(estimate)
  );

  lane_memory #(
    .Slices(1), .SliceWidth(DataWidth), .Depth(2 << (SlotWidth + GroupWidth))
  ) u_memory (
    .clk_i, .write_i(write), .write_address_i({write_place_q[kept], kept, group}),
    .slice_i(estimate), .read_address_i({head_place[read_slot_i], read_slot_i, read_group_i}),
    .word_o(estimate_o)
  );

  assign busy_o = |ready_slots_o;
endmodule

`default_nettype wire
