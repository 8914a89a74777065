// SPDX-License-Identifier: Apache-2.0
// A detector of distributed units, whole: the units and their fusion node, AXI4-Stream on all sides.
// The received codes of all units come in one stream, so that no frame is ever bad for some units only
// and no unit loses step with the others. docs/rtl.md describes the streams.
// Latency: see docs/rtl.md. Golden model: fixedpoint/detectors/units.py. Ports trace_* show every wire of
// every layer to a simulation; left open they cost nothing.
`default_nettype none

module units_top #(
  parameter int unsigned Lanes      = 32,  // products a cycle of a unit: 1, 2, … rows of H, of each vector
  parameter int unsigned Vectors    = 1,   // of a slot of a unit; 2 share each multiplier
  parameter int unsigned Slots      = 8,   // in flight in a unit, the one being loaded included
  parameter int unsigned HBeatBytes = 8,
  parameter int unsigned CountWidth = 16,
  parameter int unsigned BlockWidth = 16,  // of a block's number
  // Legal sizes in place of those that stop elaboration below.
  localparam int unsigned VectorCount = (Vectors > 0) ? Vectors : 1,
  localparam int unsigned LaneCount = (Lanes > 0)
    ? Lanes : VectorCount * bitfold_pkg::UnitRows * bitfold_pkg::Columns,
  localparam int unsigned SlotCount = (Slots > 0) ? Slots : 1,
  localparam int unsigned BeatBytes = (HBeatBytes > 0) ? HBeatBytes : (bitfold_pkg::HWidth + 7) / 8,
  localparam int unsigned CountBits = (CountWidth > 0) ? CountWidth : 1,
  localparam int unsigned BlockBits = (BlockWidth > 3) ? BlockWidth : 4,
  localparam int unsigned UnitRows = bitfold_pkg::UnitRows,
  localparam int unsigned Columns = bitfold_pkg::Columns,
  localparam int unsigned Layers = bitfold_pkg::Layers,
  localparam int unsigned RowsPerWord = (LaneCount > VectorCount * Columns)
    ? LaneCount / (VectorCount * Columns) : 1,
  localparam int unsigned Words = (UnitRows + RowsPerWord - 1) / RowsPerWord,
  localparam int unsigned RowElements = VectorCount * RowsPerWord,
  localparam int unsigned GroupColumns = (RowsPerWord < Columns) ? RowsPerWord : Columns,
  localparam int unsigned Groups = (Columns + GroupColumns - 1) / GroupColumns,
  localparam int unsigned ColumnElements = VectorCount * GroupColumns,
  localparam int unsigned SlotWidth = (SlotCount > 1) ? $clog2(SlotCount) : 1,
  localparam int unsigned Frames = VectorCount * SlotCount,  // vectors that a unit has
  localparam int unsigned FrameWidth = (Frames > 1) ? $clog2(Frames) : 1,
  localparam int unsigned LayerWidth = (Layers > 1) ? $clog2(Layers) : 1,
  localparam int unsigned WordWidth = (Words > 1) ? $clog2(Words) : 1,
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1,
  localparam int unsigned IndexWidth = bitfold_pkg::IndexWidth,
  localparam int unsigned UserWidth = 1 + BlockBits + IndexWidth + LayerWidth + FrameWidth,
  localparam int unsigned Units = bitfold_fusion_pkg::Units,
  localparam int unsigned StateWidth = bitfold_pkg::StateWidth,
  localparam int unsigned SlicerBits = bitfold_fusion_pkg::SlicerBits,
  localparam int unsigned StateBytes = (StateWidth + 7) / 8,
  localparam int unsigned BitsBytes = (SlicerBits + 7) / 8,
  localparam int unsigned LlrWidth = bitfold_fusion_pkg::LlrWidth,
  localparam int unsigned XBytes = StateBytes + BitsBytes,
  localparam int unsigned LlrBytes = (LlrWidth > 0) ? SlicerBits * ((LlrWidth + 7) / 8) : 1
) (
  input  wire logic                                                       aclk,
  input  wire logic                                                       aresetn,
  input  wire logic [Units*8*BeatBytes-1:0]                               s_axis_h_tdata,
  input  wire logic [Units-1:0]                                           s_axis_h_tvalid,
  output logic      [Units-1:0]                                           s_axis_h_tready,
  input  wire logic [Units-1:0]                                           s_axis_h_tlast,
  input  wire logic [Units*BlockBits-1:0]                                 s_axis_h_tuser,
  input  wire logic [Units*8-1:0]                                         s_axis_y_tdata,
  input  wire logic                                                       s_axis_y_tvalid,
  output logic                                                            s_axis_y_tready,
  input  wire logic                                                       s_axis_y_tlast,
  input  wire logic [BlockBits+IndexWidth-1:0]                            s_axis_y_tuser,
  input  wire logic [Units*16-1:0]                                        s_axis_theta_tdata,
  input  wire logic [Units-1:0]                                           s_axis_theta_tvalid,
  output logic      [Units-1:0]                                           s_axis_theta_tready,
  input  wire logic [Units-1:0]                                           s_axis_theta_tlast,
  output logic      [8*XBytes-1:0]                                        m_axis_x_tdata,
  output logic                                                            m_axis_x_tvalid,
  input  wire logic                                                       m_axis_x_tready,
  output logic                                                            m_axis_x_tlast,
  output logic      [BlockBits+IndexWidth-1:0]                            m_axis_x_tuser,
  output logic      [8*LlrBytes-1:0]                                      m_axis_llr_tdata,
  output logic                                                            m_axis_llr_tvalid,
  input  wire logic                                                       m_axis_llr_tready,
  output logic                                                            m_axis_llr_tlast,
  output logic      [BlockBits+IndexWidth-1:0]                            m_axis_llr_tuser,
  output logic                                                            busy,
  output logic      [Units-1:0]                                           h_frame_error,
  output logic      [Units*CountBits-1:0]                                 h_frame_errors,
  output logic      [Units-1:0]                                           theta_frame_error,
  output logic      [Units*CountBits-1:0]                                 theta_frame_errors,
  output logic      [Units-1:0]                                           down_frame_error,
  output logic      [Units*CountBits-1:0]                                 down_frame_errors,
  output logic      [Units-1:0]                                           up_frame_error,
  output logic      [Units*CountBits-1:0]                                 up_frame_errors,
  output logic                                                            y_frame_error,
  output logic      [CountBits-1:0]                                       y_frame_errors,
  output logic                                                            y_block_error,
  output logic      [CountBits-1:0]                                       y_block_errors,
  output logic      [255:0]                                               spec_digest,
  output logic      [255:0]                                               graph_digest,
  output logic      [Units*VectorCount-1:0]                               trace_row_valid,
  output logic      [Units*SlotWidth-1:0]                                 trace_row_slot,
  output logic      [Units*LayerWidth-1:0]                                trace_row_layer,
  output logic      [Units*WordWidth-1:0]                                 trace_row_word,
  output logic      [Units*RowElements*bitfold_pkg::RowTraceWidth-1:0]    trace_row_data,
  output logic      [Units*VectorCount-1:0]                               trace_column_valid,
  output logic      [Units*SlotWidth-1:0]                                 trace_column_slot,
  output logic      [Units*LayerWidth-1:0]                                trace_column_layer,
  output logic      [Units*GroupWidth-1:0]                                trace_column_group,
  output logic      [Units*ColumnElements*bitfold_pkg::ColumnTraceWidth-1:0] trace_column_data,
  output logic                                                            trace_fusion_valid,
  output logic      [FrameWidth-1:0]                                      trace_fusion_slot,  // a frame
  output logic      [LayerWidth-1:0]                                      trace_fusion_layer,
  output logic      [GroupWidth-1:0]                                      trace_fusion_group,
  output logic      [GroupColumns*bitfold_fusion_pkg::FusionTraceWidth-1:0]      trace_fusion_data
);

  if (Lanes < 1 || Vectors < 1 || Slots < 1 || HBeatBytes < 1 || CountWidth < 1
      || BlockWidth < 4) begin : gen_bad_size
    $error("units_top: Lanes, Vectors, Slots, HBeatBytes, CountWidth must be at least 1, BlockWidth 4");
  end

  localparam int unsigned MessageWidth = 8 * ((GroupColumns * StateWidth + 7) / 8);
  localparam int unsigned RowBits = RowElements * bitfold_pkg::RowTraceWidth;
  localparam int unsigned ColumnBits = ColumnElements * bitfold_pkg::ColumnTraceWidth;

  logic [Units*MessageWidth-1:0] up_data, down_data;
  logic [Units*UserWidth-1:0] up_user;
  logic [Units*FrameWidth-1:0] down_slot;
  logic [Units*CountBits-1:0] y_errors;
  logic [Units-1:0] up_valid, up_ready, up_last, down_valid, down_ready, down_last;
  logic [Units-1:0] unit_busy, y_ready, y_error;
  logic fusion_busy, x_valid, llr_valid;

  // A beat of y is taken by all units or by none.
  assign s_axis_y_tready = &y_ready;

  for (genvar u = 0; u < Units; u++) begin : gen_unit
    logic [255:0] unused_digest, unused_graph;
    logic [CountBits-1:0] unused_losses;
    logic [VectorCount-1:0] unused_loss;

    unit_top #(
      .Lanes(LaneCount), .Vectors(VectorCount), .Slots(SlotCount), .HBeatBytes(BeatBytes),
      .CountWidth(CountBits), .BlockWidth(BlockBits)
    ) u_unit (
      .aclk, .aresetn,
      .s_axis_h_tdata(s_axis_h_tdata[u*8*BeatBytes +: 8*BeatBytes]),
      .s_axis_h_tvalid(s_axis_h_tvalid[u]), .s_axis_h_tready(s_axis_h_tready[u]),
      .s_axis_h_tlast(s_axis_h_tlast[u]),
      .s_axis_h_tuser(s_axis_h_tuser[u*BlockBits +: BlockBits]),
      .s_axis_y_tdata(s_axis_y_tdata[u*8 +: 8]),
      .s_axis_y_tvalid(s_axis_y_tvalid && s_axis_y_tready), .s_axis_y_tready(y_ready[u]),
      .s_axis_y_tlast, .s_axis_y_tuser,
      .s_axis_theta_tdata(s_axis_theta_tdata[u*16 +: 16]),
      .s_axis_theta_tvalid(s_axis_theta_tvalid[u]), .s_axis_theta_tready(s_axis_theta_tready[u]),
      .s_axis_theta_tlast(s_axis_theta_tlast[u]),
      .m_axis_up_tdata(up_data[u*MessageWidth +: MessageWidth]), .m_axis_up_tvalid(up_valid[u]),
      .m_axis_up_tready(up_ready[u]), .m_axis_up_tlast(up_last[u]),
      .m_axis_up_tuser(up_user[u*UserWidth +: UserWidth]),
      .s_axis_down_tdata(down_data[u*MessageWidth +: MessageWidth]),
      .s_axis_down_tvalid(down_valid[u]), .s_axis_down_tready(down_ready[u]),
      .s_axis_down_tlast(down_last[u]), .s_axis_down_tuser(down_slot[u*FrameWidth +: FrameWidth]),
      .busy(unit_busy[u]),
      .h_frame_error(h_frame_error[u]),
      .h_frame_errors(h_frame_errors[u*CountBits +: CountBits]),
      .theta_frame_error(theta_frame_error[u]),
      .theta_frame_errors(theta_frame_errors[u*CountBits +: CountBits]),
      .down_frame_error(down_frame_error[u]),
      .down_frame_errors(down_frame_errors[u*CountBits +: CountBits]),
      .y_frame_error(y_error[u]), .y_frame_errors(y_errors[u*CountBits +: CountBits]),
      .y_block_error(unused_loss), .y_block_errors(unused_losses),
      .spec_digest(unused_digest), .graph_digest(unused_graph),
      .trace_row_valid(trace_row_valid[u*VectorCount +: VectorCount]),
      .trace_row_slot(trace_row_slot[u*SlotWidth +: SlotWidth]),
      .trace_row_layer(trace_row_layer[u*LayerWidth +: LayerWidth]),
      .trace_row_word(trace_row_word[u*WordWidth +: WordWidth]),
      .trace_row_data(trace_row_data[u*RowBits +: RowBits]),
      .trace_column_valid(trace_column_valid[u*VectorCount +: VectorCount]),
      .trace_column_slot(trace_column_slot[u*SlotWidth +: SlotWidth]),
      .trace_column_layer(trace_column_layer[u*LayerWidth +: LayerWidth]),
      .trace_column_group(trace_column_group[u*GroupWidth +: GroupWidth]),
      .trace_column_data(trace_column_data[u*ColumnBits +: ColumnBits])
    );
  end

  // The fusion node knows vectors, whichever of them share a slot where.
  fusion #(
    .Slots(Frames), .GroupColumns(GroupColumns), .CountWidth(CountBits),
    .BlockWidth(BlockBits)
  ) u_fusion (
    .clk_i(aclk), .rst_ni(aresetn),
    .up_data_i(up_data), .up_valid_i(up_valid), .up_ready_o(up_ready), .up_last_i(up_last),
    .up_user_i(up_user), .down_data_o(down_data), .down_valid_o(down_valid),
    .down_ready_i(down_ready), .down_last_o(down_last), .down_slot_o(down_slot),
    .x_data_o(m_axis_x_tdata), .x_valid_o(x_valid), .x_ready_i(m_axis_x_tready),
    .x_last_o(m_axis_x_tlast), .x_user_o(m_axis_x_tuser),
    .llr_data_o(m_axis_llr_tdata), .llr_valid_o(llr_valid), .llr_ready_i(m_axis_llr_tready),
    .llr_last_o(m_axis_llr_tlast), .llr_user_o(m_axis_llr_tuser), .busy_o(fusion_busy),
    .up_error_o(up_frame_error), .up_errors_o(up_frame_errors),
    .lost_o(y_block_error), .losses_o(y_block_errors),
    .trace_valid_o(trace_fusion_valid), .trace_slot_o(trace_fusion_slot),
    .trace_layer_o(trace_fusion_layer), .trace_group_o(trace_fusion_group),
    .trace_data_o(trace_fusion_data)
  );

  // No stream moves in a reset; the units see to the inputs.
  assign m_axis_x_tvalid   = aresetn && x_valid;
  assign m_axis_llr_tvalid = aresetn && llr_valid;

  // A frame of the joint stream is bad for all units alike.
  assign y_frame_error  = &y_error;
  assign y_frame_errors = y_errors[CountBits-1:0];
  assign busy           = fusion_busy || |unit_busy;
  assign spec_digest    = bitfold_pkg::Digest;
  assign graph_digest = bitfold_pkg::GraphDigest;

  logic unused_counts;
  assign unused_counts = ^y_errors;
endmodule

`default_nettype wire
