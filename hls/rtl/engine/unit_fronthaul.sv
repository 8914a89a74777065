// SPDX-License-Identifier: Apache-2.0
// A unit's two ends of the fronthaul. Up: groups of estimates wait in a queue. A slot has one message of
// an inner layer outstanding, as its next one needs the answer; of the last layer's messages, which
// leave their slots behind, FinalMessages are let into the queue (room_o, reserve_i). So it never
// overflows, however long up_ready_i stays low. What is said of a message (user_i, with message_i) waits in
// a queue of its own from the time when its sums leave for the column function.
// Down: a group of z goes straight to the engine while its slot's message waits for an answer.
// Latency: 1 cycle from estimate_valid_i to up_valid_o, and from down_valid_i to state_valid_o.
`default_nettype none

module unit_fronthaul #(
  parameter int unsigned Slots        = 8,
  parameter int unsigned Layers       = 5,
  parameter int unsigned Groups       = 8,
  parameter int unsigned GroupColumns = 2,
  parameter int unsigned StateWidth   = 10,
  parameter int unsigned UserWidth    = 13,  // {void, block, index, layer, slot}
  parameter int unsigned CountWidth   = 16,
  localparam int unsigned SlotWidth = (Slots > 1) ? $clog2(Slots) : 1,
  localparam int unsigned LayerWidth = (Layers > 1) ? $clog2(Layers) : 1,
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1,
  localparam int unsigned DataWidth = GroupColumns * StateWidth,
  localparam int unsigned MessageWidth = 8 * ((DataWidth + 7) / 8)
) (
  input  wire logic                    clk_i,
  input  wire logic                    rst_ni,
  input  wire logic                    reserve_i,
  output logic                         room_o,
  input  wire logic                    message_i,
  input  wire logic [UserWidth-1:0]    user_i,
  input  wire logic                    estimate_valid_i,
  input  wire logic [DataWidth-1:0]    estimate_i,
  output logic      [MessageWidth-1:0] up_data_o,
  output logic                         up_valid_o,
  input  wire logic                    up_ready_i,
  output logic                         up_last_o,
  output logic      [UserWidth-1:0]    up_user_o,
  input  wire logic [MessageWidth-1:0] down_data_i,
  input  wire logic                    down_valid_i,
  input  wire logic                    down_last_i,
  input  wire logic [SlotWidth-1:0]    down_slot_i,
  output logic                         state_valid_o,
  output logic      [SlotWidth-1:0]    state_slot_o,
  output logic      [GroupWidth-1:0]   state_group_o,
  output logic      [DataWidth-1:0]    state_o,
  output logic                         down_error_o,
  output logic      [CountWidth-1:0]   down_errors_o
);
  localparam int unsigned FinalMessages = 2;
  localparam int unsigned FinalWidth = $clog2(FinalMessages + 1);
  localparam int unsigned Places = 1 << SlotWidth;

  logic [DataWidth-1:0] up_group;
  logic [FinalWidth-1:0] final_q;
  logic [Places-1:0] waiting_q;  // a slot's message has left and has no answer yet
  logic [GroupWidth-1:0] down_group, left_q;  // groups of the message at the port that have left
  logic [DataWidth-1:0] clamped;
  logic sent, final_layer, commit, write, unused_valid;

  stream_fifo #(
    .Depth((Slots + FinalMessages) * Groups), .Width(DataWidth)
  ) u_queue (
    .clk_i, .rst_ni, .push_i(estimate_valid_i), .data_i(estimate_i),
    .valid_o(up_valid_o), .ready_i(up_ready_i), .data_o(up_group)
  );
  stream_fifo #(.Depth(Slots + FinalMessages), .Width(UserWidth)) u_users (
    .clk_i, .rst_ni, .push_i(message_i), .data_i(user_i),
    .valid_o(unused_valid), .ready_i(sent), .data_o(up_user_o)
  );
  assign up_data_o = MessageWidth'(up_group);

  // Messages are whole: a count knows their last group sooner than the queue's memory would.
  assign up_last_o = left_q == GroupWidth'(Groups - 1);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) left_q <= '0;
    else if (up_valid_o && up_ready_i) left_q <= up_last_o ? '0 : left_q + GroupWidth'(1);
  end

  assign sent        = up_valid_o && up_ready_i && up_last_o;
  assign final_layer = up_user_o[SlotWidth +: LayerWidth] == LayerWidth'(Layers - 1);

  // Places of last layers are taken when the engine reserves them, and free when the message has left.
  assign room_o = final_q != FinalWidth'(FinalMessages);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) final_q <= '0;
    else final_q <= final_q + FinalWidth'(reserve_i) - FinalWidth'(sent && final_layer);
  end

  // An inner layer's message wants one answer.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      waiting_q <= '0;
    end else begin
      if (sent && !final_layer) waiting_q[up_user_o[SlotWidth-1:0]] <= 1'b1;
      if (commit) waiting_q[down_slot_i] <= 1'b0;
    end
  end

  message_guard #(.Groups(Groups), .KeyWidth(SlotWidth), .CountWidth(CountWidth)) u_guard (
    .clk_i, .rst_ni, .beat_i(down_valid_i), .last_i(down_last_i), .key_i(down_slot_i),
    .legal_i(waiting_q[down_slot_i]), .write_o(write), .group_o(down_group),
    .commit_o(commit), .error_o(down_error_o), .errors_o(down_errors_o)
  );

  beat_clamp #(.Count(GroupColumns), .SourceWidth(StateWidth), .Width(StateWidth)) u_clamp (
    .beat_i(down_data_i[DataWidth-1:0]), .integers_o(clamped)
  );

  always_ff @(posedge clk_i) begin
    state_valid_o <= rst_ni && write;
    state_slot_o  <= down_slot_i;
    state_group_o <= down_group;
    state_o       <= clamped;
  end

  if (MessageWidth > DataWidth) begin : gen_padding
    logic unused_padding;
    assign unused_padding = ^down_data_i[MessageWidth-1:DataWidth];
  end
endmodule

`default_nettype wire
