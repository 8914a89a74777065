// SPDX-License-Identifier: Apache-2.0
// The fusion node: averages the estimates of the units, eq. (22), extrapolates,
// eq. (23), and sends every unit the point where its next layer starts; the last layer's average and
// its bits leave on x_*.
//
// A slot is processed when every unit's message for it is whole, a group a cycle, the oldest such slot
// first; units may answer late, out of step and in any order of slots. Last layers are processed in the
// ring order of the slots and when the output has room. Answers wait in a queue for each unit, which
// holds one for each slot: a unit with an answer to come has no other message in that slot.
//
// A vector that any unit calls void, or about whose block, SNR index or layer the units disagree, goes
// through all layers like any other; its output is dropped, flagged and counted (lost_o).
// Latency: $clog2(Units) + 10 cycles from the last beat of the last message to the first beat of the
// answer if nothing else is at work. Golden model: fixedpoint/detectors/units.py, fusion.
`default_nettype none

module fusion #(
  parameter int unsigned Slots        = 8,
  parameter int unsigned GroupColumns = 2,
  parameter int unsigned CountWidth   = 16,
  parameter int unsigned BlockWidth   = 16,
  localparam int unsigned Units = bitfold_fusion_pkg::Units,
  localparam int unsigned Layers = bitfold_pkg::Layers,
  localparam int unsigned IndexWidth = bitfold_pkg::IndexWidth,
  localparam int unsigned StateWidth = bitfold_pkg::StateWidth,
  localparam int unsigned SlicerBits = bitfold_fusion_pkg::SlicerBits,
  localparam int unsigned Groups = (bitfold_pkg::Columns + GroupColumns - 1) / GroupColumns,
  localparam int unsigned SlotWidth = (Slots > 1) ? $clog2(Slots) : 1,
  localparam int unsigned LayerWidth = (Layers > 1) ? $clog2(Layers) : 1,
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1,
  localparam int unsigned PlaceWidth = LayerWidth + SlotWidth,
  localparam int unsigned OutUserWidth = BlockWidth + IndexWidth,
  localparam int unsigned UserWidth = 1 + OutUserWidth + PlaceWidth,
  localparam int unsigned DataWidth = GroupColumns * StateWidth,
  localparam int unsigned MessageWidth = 8 * ((DataWidth + 7) / 8),
  localparam int unsigned TraceWidth = bitfold_fusion_pkg::FusionTraceWidth,
  localparam int unsigned LlrWidth = bitfold_fusion_pkg::LlrWidth,
  localparam int unsigned ColumnWidth = SlicerBits * LlrWidth + SlicerBits + StateWidth,
  localparam int unsigned XBytes = (StateWidth + 7) / 8 + (SlicerBits + 7) / 8,
  localparam int unsigned LlrBytes = (LlrWidth > 0) ? SlicerBits * ((LlrWidth + 7) / 8) : 1
) (
  input  wire logic                               clk_i,
  input  wire logic                               rst_ni,
  input  wire logic [Units*MessageWidth-1:0]      up_data_i,
  input  wire logic [Units-1:0]                   up_valid_i,
  output logic      [Units-1:0]                   up_ready_o,
  input  wire logic [Units-1:0]                   up_last_i,
  input  wire logic [Units*UserWidth-1:0]         up_user_i,   // {void, block, index, layer, slot}
  output logic      [Units*MessageWidth-1:0]      down_data_o,
  output logic      [Units-1:0]                   down_valid_o,
  input  wire logic [Units-1:0]                   down_ready_i,
  output logic      [Units-1:0]                   down_last_o,
  output logic      [Units*SlotWidth-1:0]         down_slot_o,
  output logic      [8*XBytes-1:0]                x_data_o,    // {bits, s}
  output logic                                    x_valid_o,
  input  wire logic                               x_ready_i,
  output logic                                    x_last_o,
  output logic      [OutUserWidth-1:0]            x_user_o,    // {block, index}
  output logic      [8*LlrBytes-1:0]              llr_data_o,
  output logic                                    llr_valid_o,
  input  wire logic                               llr_ready_i,
  output logic                                    llr_last_o,
  output logic      [OutUserWidth-1:0]            llr_user_o,
  output logic                                    busy_o,
  output logic      [Units-1:0]                   up_error_o,
  output logic      [Units*CountWidth-1:0]        up_errors_o,
  output logic                                    lost_o,
  output logic      [CountWidth-1:0]              losses_o,
  output logic                                    trace_valid_o,
  output logic      [SlotWidth-1:0]               trace_slot_o,
  output logic      [LayerWidth-1:0]              trace_layer_o,
  output logic      [GroupWidth-1:0]              trace_group_o,
  output logic      [GroupColumns*TraceWidth-1:0] trace_data_o  // fusion_trace_t of each
);
  localparam int unsigned LateStage = 1 + bitfold_fusion_pkg::FusionLateStage;  // from a group's issue on
  localparam int unsigned Latency = 1 + bitfold_fusion_pkg::FusionLatency;
  localparam int unsigned LateWidth = bitfold_fusion_pkg::FusionLateWidth;
  localparam int unsigned SumWidth = bitfold_fusion_pkg::FusionSumWidth;
  localparam int unsigned KeptWidth = UserWidth - SlotWidth;
  localparam logic [LayerWidth-1:0] LastLayer = LayerWidth'(Layers - 1);

  if (GroupColumns > bitfold_pkg::Columns) begin : gen_bad_group
    $error("fusion: GroupColumns must be at most Columns");
  end

  typedef struct packed {
    logic                  valid;
    logic                  lost;
    logic [PlaceWidth-1:0] place;
    logic [GroupWidth-1:0] group;
  } step_t;

  step_t issue, step_q[1:Latency];
  logic [Units-1:0][Slots-1:0] whole, finals;
  logic [Units-1:0][KeptWidth-1:0] users, users_q;
  logic [Units-1:0] waiting;
  logic [Units*DataWidth-1:0] estimates;
  logic [SlotWidth-1:0] pick_slot, slot;
  logic [Slots-1:0] ready_slots;
  logic take, done, room, reserve, buffer_busy, working, unused_finals;

  for (genvar u = 0; u < Units; u++) begin : gen_unit
    fusion_inbox #(
      .Slots(Slots), .Layers(Layers), .Groups(Groups), .GroupColumns(GroupColumns),
      .StateWidth(StateWidth), .UserWidth(UserWidth), .CountWidth(CountWidth)
    ) u_inbox (
      .clk_i, .rst_ni, .valid_i(up_valid_i[u]), .ready_o(up_ready_o[u]),
      .data_i(up_data_i[u*MessageWidth +: DataWidth]), .last_i(up_last_i[u]),
      .user_i(up_user_i[u*UserWidth +: UserWidth]),
      .ready_slots_o(whole[u]), .final_slots_o(finals[u]),
      .user_slot_i(pick_slot), .user_o(users[u]),
      .read_slot_i(slot), .read_group_i(issue.group), .done_i(done),
      .estimate_o(estimates[u*DataWidth +: DataWidth]), .busy_o(waiting[u]),
      .error_o(up_error_o[u]), .errors_o(up_errors_o[u*CountWidth +: CountWidth])
    );

    if (MessageWidth > DataWidth) begin : gen_padding
      logic unused_padding;
      assign unused_padding = ^up_data_i[u*MessageWidth+DataWidth +: MessageWidth-DataWidth];
    end
  end

  // A slot counts when all units have a whole message; of what these say the first one's is used.
  always_comb begin
    ready_slots = '1;
    for (int unsigned u = 0; u < Units; u++) ready_slots &= whole[u];
  end
  assign unused_finals = ^finals;

  fusion_schedule #(
    .Slots(Slots), .Groups(Groups)
  ) u_schedule (
    .clk_i, .rst_ni, .whole_i(ready_slots), .final_i(finals[0]), .room_i(room), .reserve_o(reserve),
    .take_o(take), .pick_slot_o(pick_slot),
    .valid_o(issue.valid), .slot_o(slot), .group_o(issue.group), .done_o(done)
  );
  always_ff @(posedge clk_i) if (take) users_q <= users;
  assign issue.place = {users_q[0][LayerWidth-1:0], slot};

  // What goes with an output is known with the first group of its last layer.
  logic lost, open_q, open_void_q;
  logic [OutUserWidth-1:0] open_user_q;

  assign issue.lost = lost;
  always_comb begin
    lost = 1'b0;
    for (int unsigned u = 0; u < Units; u++) begin
      lost |= users_q[u][KeptWidth-1] || users_q[u] != users_q[0];
    end
  end

  always_ff @(posedge clk_i) begin
    open_q      <= rst_ni && issue.valid && issue.group == '0 && users_q[0][LayerWidth-1:0] == LastLayer;
    open_void_q <= lost;
    open_user_q <= users_q[0][LayerWidth +: OutUserWidth];
  end

  drop_count #(.CountWidth(CountWidth)) u_lost (
    .clk_i, .rst_ni, .drop_i(open_q && open_void_q), .error_o(lost_o), .errors_o(losses_o)
  );

  // A group's tags travel with it: step_q[i] describes stage i behind the issue.
  always_ff @(posedge clk_i) begin
    step_q[1] <= issue;
    for (int unsigned i = 2; i <= Latency; i++) step_q[i] <= step_q[i-1];
    if (!rst_ni) begin
      for (int unsigned i = 1; i <= Latency; i++) step_q[i].valid <= 1'b0;
    end
  end
  always_comb begin
    working = issue.valid;
    for (int unsigned i = 1; i <= Latency; i++) working |= step_q[i].valid;
  end

  // What the fusion function keeps, s; it reads that of the layer before, 0 in the first layer.
  logic [GroupColumns*LateWidth-1:0] kept_now, kept, previous;
  logic [GroupColumns*SumWidth-1:0] columns;
  logic [GroupColumns*ColumnWidth-1:0] x_group;
  logic [DataWidth-1:0] extrapolated;
  logic [LayerWidth-1:0] layer_1, unused_layer;
  logic [IndexWidth-1:0] index_1;
  logic unused_valid, unused_busy, unused_side;

  lane_memory #(
    .Slices(1), .SliceWidth(GroupColumns * LateWidth), .Depth(1 << (SlotWidth + GroupWidth))
  ) u_previous (
    .clk_i, .write_i(step_q[Latency].valid),
    .write_address_i({step_q[Latency].place[SlotWidth-1:0], step_q[Latency].group}),
    .slice_i(kept_now),
    .read_address_i({step_q[LateStage-1].place[SlotWidth-1:0], step_q[LateStage-1].group}),
    .word_o(kept)
  );
  assign previous = (step_q[LateStage].place[SlotWidth +: LayerWidth] == '0) ? '0 : kept;
  assign layer_1  = step_q[1].place[SlotWidth +: LayerWidth];
  always_ff @(posedge clk_i) index_1 <= users_q[0][LayerWidth +: IndexWidth];

  for (genvar c = 0; c < GroupColumns; c++) begin : gen_column
    for (genvar u = 0; u < Units; u++) begin : gen_estimate
      assign columns[c*SumWidth + u*StateWidth +: StateWidth] =
        estimates[u*DataWidth + c*StateWidth +: StateWidth];
    end
  end

  fusion_function #(.Count(GroupColumns)) u_columns (
    .clk_i, .rst_ni, .valid_i(step_q[1].valid), .side_i(1'b0), .layer_i(layer_1), .index_i(index_1),
    .sum_i(columns), .late_i(previous), .valid_o(unused_valid), .busy_o(unused_busy),
    .side_o(unused_side), .layer_o(unused_layer), .result_o(extrapolated), .kept_o(kept_now),
    .output_o(x_group), .wires_o(trace_data_o)
  );

  // The last layer's s goes out, every other layer's z to all units.
  logic final_layer, answer;

  assign trace_valid_o = step_q[Latency].valid;
  assign trace_slot_o  = step_q[Latency].place[SlotWidth-1:0];
  assign trace_layer_o = step_q[Latency].place[SlotWidth +: LayerWidth];
  assign trace_group_o = step_q[Latency].group;
  assign final_layer   = trace_layer_o == LastLayer;
  assign answer        = trace_valid_o && !final_layer;

  for (genvar u = 0; u < Units; u++) begin : gen_answer
    logic [DataWidth-1:0] group;

    stream_fifo #(.Depth(Slots * Groups), .Width(1 + SlotWidth + DataWidth)) u_queue (
      .clk_i, .rst_ni, .push_i(answer),
      .data_i({trace_group_o == GroupWidth'(Groups - 1), trace_slot_o, extrapolated}),
      .valid_o(down_valid_o[u]), .ready_i(down_ready_i[u]),
      .data_o({down_last_o[u], down_slot_o[u*SlotWidth +: SlotWidth], group})
    );
    assign down_data_o[u*MessageWidth +: MessageWidth] = MessageWidth'(group);
  end

  // A place is taken from a vector's last groups on until all columns are sent.
  localparam int unsigned Sums = Layers * Groups;

  output_streams #(
    .Period((Sums > bitfold_pkg::Columns) ? Sums : bitfold_pkg::Columns),
    .Held(Groups + Latency + 3 + bitfold_pkg::Columns),
    .Groups(Groups), .GroupColumns(GroupColumns), .Columns(bitfold_pkg::Columns),
    .StateWidth(StateWidth), .CodeWidth(0), .BitsWidth(SlicerBits), .LlrWidth(LlrWidth),
    .UserWidth(OutUserWidth)
  ) u_output (
    .clk_i, .rst_ni, .reserve_i(reserve), .room_o(room),
    .open_i(open_q && !open_void_q), .user_i(open_user_q), .void_i(step_q[Latency].lost),
    .group_valid_i(trace_valid_o && final_layer), .group_i(trace_group_o), .group_data_i(x_group),
    .x_valid_o, .x_ready_i, .x_data_o, .x_user_o, .x_last_o,
    .llr_valid_o, .llr_ready_i, .llr_data_o, .llr_user_o, .llr_last_o, .busy_o(buffer_busy)
  );

  assign busy_o = |waiting || working || |down_valid_o || buffer_busy;
endmodule

`default_nettype wire
