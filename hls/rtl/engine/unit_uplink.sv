// SPDX-License-Identifier: Apache-2.0
// A unit's estimates on their way up: groups wait in a queue, and leave as messages, one for each vector,
// the two of a slot one behind the other. A slot has one message of an inner layer outstanding, as its next
// one needs the answer; of the last layer's, which leave their slots behind, those of FinalSlots slots are let
// into the queue (room_o, reserve_i). So it never overflows, however long up_ready_i stays low. What is said
// of a message (user_i, with message_i) waits in a queue of its own from the time when its sums leave for
// the column function. sent_o: the last group of a message leaves; final_o: it is of the last layer.
// Latency: 1 cycle from estimate_valid_i to up_valid_o if nothing waits.
`default_nettype none

module unit_uplink #(
  parameter int unsigned Vectors    = 1,   // of a slot: 1 or 2
  parameter int unsigned Slots      = 8,
  parameter int unsigned Groups     = 8,
  parameter int unsigned DataWidth  = 20,
  parameter int unsigned UserWidth  = 28,  // {…, layer, frame}
  parameter int unsigned LayerPlace = 3,   // of the layer in it
  parameter int unsigned Layers     = 5,
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1,
  localparam int unsigned LayerWidth = (Layers > 1) ? $clog2(Layers) : 1
) (
  input  wire logic                         clk_i,
  input  wire logic                         rst_ni,
  input  wire logic                         reserve_i,
  output logic                              room_o,
  input  wire logic [Vectors-1:0]           message_i,  // which vectors the slot has
  input  wire logic [Vectors*UserWidth-1:0] user_i,
  input  wire logic [Vectors-1:0]           estimate_valid_i,
  input  wire logic [Vectors*DataWidth-1:0] estimate_i,
  output logic      [DataWidth-1:0]         up_data_o,
  output logic                              up_valid_o,
  input  wire logic                         up_ready_i,
  output logic                              up_last_o,
  output logic      [UserWidth-1:0]         up_user_o,
  output logic                              sent_o,
  output logic                              final_o
);
  localparam int unsigned FinalSlots = 2;
  localparam int unsigned FinalWidth = $clog2(FinalSlots + 1);

  if (Vectors != 1 && Vectors != 2) begin : gen_bad_vectors
    $error("unit_uplink: Vectors must be 1 or 2");
  end

  logic [FinalWidth-1:0] final_q;
  logic [Vectors-1:0] valid, turn, unused_valid;
  logic [GroupWidth-1:0] left_q;  // groups of the message at the port that have left
  logic [Vectors*DataWidth-1:0] group;
  logic [Vectors*UserWidth-1:0] user;
  logic slot_sent;

  for (genvar v = 0; v < Vectors; v++) begin : gen_vector
    stream_fifo #(.Depth((Slots + FinalSlots) * Groups), .Width(DataWidth)) u_queue (
      .clk_i, .rst_ni, .push_i(estimate_valid_i[v]), .data_i(estimate_i[v*DataWidth +: DataWidth]),
      .valid_o(valid[v]), .ready_i(turn[v] && up_ready_i), .data_o(group[v*DataWidth +: DataWidth])
    );
    stream_fifo #(.Depth(Slots + FinalSlots), .Width(UserWidth)) u_users (
      .clk_i, .rst_ni, .push_i(message_i[v]), .data_i(user_i[v*UserWidth +: UserWidth]),
      .valid_o(unused_valid[v]), .ready_i(turn[v] && sent_o),
      .data_o(user[v*UserWidth +: UserWidth])
    );
  end

  if (Vectors == 1) begin : gen_single
    assign turn      = 1'b1;
    assign slot_sent = sent_o;
    assign {up_valid_o, up_data_o, up_user_o} = {valid, group, user};
  end else begin : gen_pair
    logic second_q, pair, unused_pair_valid;

    // The second vector's message, if there is one, follows the first one's.
    stream_fifo #(.Depth(Slots + FinalSlots), .Width(1)) u_pairs (
      .clk_i, .rst_ni, .push_i(message_i[0]), .data_i(message_i[1]), .valid_o(unused_pair_valid),
      .ready_i(slot_sent), .data_o(pair)
    );
    always_ff @(posedge clk_i) begin
      if (!rst_ni) second_q <= 1'b0;
      else if (sent_o) second_q <= !slot_sent;
    end
    assign turn       = {second_q, !second_q};
    assign slot_sent  = sent_o && (second_q || !pair);
    assign up_valid_o = valid[second_q];
    assign up_data_o  = second_q ? group[2*DataWidth-1:DataWidth] : group[DataWidth-1:0];
    assign up_user_o  = second_q ? user[2*UserWidth-1:UserWidth] : user[UserWidth-1:0];
  end

  // Messages are whole: a count knows their last group sooner than the queue's memory would.
  assign up_last_o = left_q == GroupWidth'(Groups - 1);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) left_q <= '0;
    else if (up_valid_o && up_ready_i) left_q <= up_last_o ? '0 : left_q + GroupWidth'(1);
  end

  assign sent_o  = up_valid_o && up_ready_i && up_last_o;
  assign final_o = up_user_o[LayerPlace +: LayerWidth] == LayerWidth'(Layers - 1);

  // Places of last layers are taken when the engine reserves them, and free when the slot's messages have left.
  assign room_o = final_q != FinalWidth'(FinalSlots);
  always_ff @(posedge clk_i) begin
    if (!rst_ni) final_q <= '0;
    else final_q <= final_q + FinalWidth'(reserve_i) - FinalWidth'(slot_sent && final_o);
  end
endmodule

`default_nettype wire
