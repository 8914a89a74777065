// SPDX-License-Identifier: Apache-2.0
// A unit's two ends of the fronthaul, which knows vectors by their places in the ring of frames of y, in all
// units alike, whichever of them share a slot where. Up: groups of estimates, as messages (unit_uplink).
// Down: a group of z goes straight to the engine while its frame's message waits for an answer. A slot
// can go on when all its vectors have theirs (state_more_o low); until then it is away (away_o).
// Latency: 1 cycle from estimate_valid_i to up_valid_o, and from down_valid_i to state_valid_o.
`default_nettype none

module unit_fronthaul #(
  parameter int unsigned Vectors      = 1,   // of a slot: 1 or 2
  parameter int unsigned Slots        = 8,
  parameter int unsigned Layers       = 5,
  parameter int unsigned Groups       = 8,
  parameter int unsigned GroupColumns = 2,
  parameter int unsigned StateWidth   = 10,
  parameter int unsigned UserWidth    = 28,  // {void, block, index, layer, frame}
  parameter int unsigned CountWidth   = 16,
  localparam int unsigned SlotWidth = (Slots > 1) ? $clog2(Slots) : 1,
  localparam int unsigned FrameWidth = (Vectors * Slots > 1) ? $clog2(Vectors * Slots) : 1,
  localparam int unsigned LayerWidth = (Layers > 1) ? $clog2(Layers) : 1,
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1,
  localparam int unsigned DataWidth = GroupColumns * StateWidth,
  localparam int unsigned MessageWidth = 8 * ((DataWidth + 7) / 8)
) (
  input  wire logic                         clk_i,
  input  wire logic                         rst_ni,
  input  wire logic                         reserve_i,
  output logic                              room_o,
  input  wire logic [Vectors-1:0]           message_i,  // which vectors the slot has
  input  wire logic [SlotWidth-1:0]         slot_i,     // this and user_i with message_i
  input  wire logic [Vectors*UserWidth-1:0] user_i,
  input  wire logic [Vectors-1:0]           estimate_valid_i,
  input  wire logic [Vectors*DataWidth-1:0] estimate_i,
  output logic      [MessageWidth-1:0]      up_data_o,
  output logic                              up_valid_o,
  input  wire logic                         up_ready_i,
  output logic                              up_last_o,
  output logic      [UserWidth-1:0]         up_user_o,
  input  wire logic [MessageWidth-1:0]      down_data_i,
  input  wire logic                         down_valid_i,
  input  wire logic                         down_last_i,
  input  wire logic [FrameWidth-1:0]        down_frame_i,
  output logic      [Slots-1:0]             away_o,
  output logic      [Vectors-1:0]           state_valid_o,
  output logic                              state_more_o,
  output logic      [SlotWidth-1:0]         state_slot_o,
  output logic      [GroupWidth-1:0]        state_group_o,
  output logic      [DataWidth-1:0]         state_o,
  output logic                              down_error_o,
  output logic      [CountWidth-1:0]        down_errors_o
);
  localparam int unsigned Places = 1 << FrameWidth;

  logic [DataWidth-1:0] up_group;
  logic [Places-1:0] waiting_q;  // a frame's message has left and has no answer yet
  logic [GroupWidth-1:0] down_group;
  logic [DataWidth-1:0] clamped;
  logic sent, final_layer, commit, write, more;
  logic [SlotWidth-1:0] down_slot;
  logic [Vectors-1:0] down_vector;

  unit_uplink #(
    .Vectors(Vectors), .Slots(Slots), .Groups(Groups), .DataWidth(DataWidth), .UserWidth(UserWidth),
    .LayerPlace(FrameWidth), .Layers(Layers)
  ) u_uplink (
    .clk_i, .rst_ni, .reserve_i, .room_o, .message_i, .user_i, .estimate_valid_i,
    .estimate_i, .up_data_o(up_group), .up_valid_o, .up_ready_i, .up_last_o, .up_user_o,
    .sent_o(sent), .final_o(final_layer)
  );
  assign up_data_o = MessageWidth'(up_group);

  // An inner layer's message wants one answer.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      waiting_q <= '0;
    end else begin
      if (sent && !final_layer) waiting_q[up_user_o[FrameWidth-1:0]] <= 1'b1;
      if (commit) waiting_q[down_frame_i] <= 1'b0;
    end
  end

  message_guard #(.Groups(Groups), .KeyWidth(FrameWidth), .CountWidth(CountWidth)) u_guard (
    .clk_i, .rst_ni, .beat_i(down_valid_i), .last_i(down_last_i), .key_i(down_frame_i),
    .legal_i(waiting_q[down_frame_i]), .write_o(write), .group_o(down_group),
    .commit_o(commit), .error_o(down_error_o), .errors_o(down_errors_o)
  );

  beat_clamp #(.Count(GroupColumns), .SourceWidth(StateWidth), .Width(StateWidth)) u_clamp (
    .beat_i(down_data_i[DataWidth-1:0]), .integers_o(clamped)
  );

  if (Vectors == 1) begin : gen_single
    logic unused_slot;

    assign unused_slot = ^slot_i;
    assign away_o      = '0;
    assign more        = 1'b0;
    assign down_slot   = down_frame_i;
    assign down_vector = 1'b1;
  end else begin : gen_pair
    logic [SlotWidth:0] places_q[Places];  // of each frame: whether it is a second vector, and its slot
    logic [Slots-1:0][1:0] owed_q;         // whose answers each slot wants
    logic second, inner;

    // A slot is away from the time when the sums of an inner layer leave.
    assign inner = user_i[FrameWidth +: LayerWidth] != LayerWidth'(Layers - 1);

    for (genvar v = 0; v < 2; v++) begin : gen_vector
      always_ff @(posedge clk_i) begin
        if (message_i[v]) places_q[user_i[v*UserWidth +: FrameWidth]] <= {v == 1, slot_i};
      end
    end
    for (genvar s = 0; s < Slots; s++) begin : gen_slot
      always_ff @(posedge clk_i) begin
        if (!rst_ni) owed_q[s] <= '0;
        else if (inner && message_i[0] && slot_i == SlotWidth'(s)) owed_q[s] <= message_i;
        else if (commit && down_slot == SlotWidth'(s)) owed_q[s] <= owed_q[s] & ~down_vector;
      end
      assign away_o[s] = owed_q[s] != '0;
    end
    assign {second, down_slot} = places_q[down_frame_i];
    assign down_vector = {second, !second};
    assign more        = (owed_q[down_slot] & ~down_vector) != '0;
  end

  always_ff @(posedge clk_i) begin
    state_valid_o <= {Vectors{rst_ni && write}} & down_vector;
    state_more_o  <= more;
    state_slot_o  <= down_slot;
    state_group_o <= down_group;
    state_o       <= clamped;
  end

  if (MessageWidth > DataWidth) begin : gen_padding
    logic unused_padding;
    assign unused_padding = ^down_data_i[MessageWidth-1:DataWidth];
  end
endmodule

`default_nettype wire
