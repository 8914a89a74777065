// SPDX-License-Identifier: Apache-2.0
// The numbers of each column that a block brings ahead of its matrices: BroughtRows rows of the stream of
// matrices, which go no further. They stay until the next frame's come, so that they are there with the
// frame's last beat, as the block's tag. Of a frame that ends among them one beat is passed on with TLAST, a
// cycle later, which is a short frame to who counts the others. Without such rows every beat passes.
// Latency: combinational; numbers_o one cycle after the beat that brings them.
`default_nettype none

module brought_numbers
  import bitfold_pkg::*;
#(
  parameter int unsigned BeatEntries = 4,
  parameter int unsigned SourceWidth = 16
) (
  input  wire logic                                clk_i,
  input  wire logic                                rst_ni,
  input  wire logic                                valid_i,
  output logic                                     ready_o,
  input  wire logic                                last_i,
  input  wire logic [BeatEntries*SourceWidth-1:0]  beat_i,
  output logic                                     valid_o,   // of a beat that passes, as the next one
  output logic                                     last_o,
  input  wire logic                                ready_i,
  output logic      [Columns*BroughtBits-1:0]      numbers_o  // a column's side by side, the first row lowest
);
  localparam int unsigned RowBeats = Columns / BeatEntries;
  localparam int unsigned Beats = BroughtRows * RowBeats;

  if (BroughtRows == 0) begin : gen_none
    logic unused;

    assign unused    = ^{clk_i, rst_ni, beat_i};
    assign numbers_o = '0;
    assign valid_o   = valid_i;
    assign last_o    = last_i;
    assign ready_o   = ready_i;
  end else begin : gen_rows
    localparam int unsigned CountWidth = $clog2(Beats + 1);

    logic [CountWidth-1:0] count_q;
    logic own, short_q;

    if (RowBeats * BeatEntries != Columns) begin : gen_bad_beat
      $error("brought_numbers: BeatEntries must divide Columns");
    end

    assign own     = count_q != CountWidth'(Beats);
    assign valid_o = short_q || (valid_i && !own);
    assign last_o  = short_q || last_i;
    assign ready_o = !short_q && (own || ready_i);

    // A frame begins behind every TLAST, whatever became of the one before.
    always_ff @(posedge clk_i) begin
      if (!rst_ni) count_q <= '0;
      else if (valid_i && ready_o) begin
        if (last_i) count_q <= '0;
        else if (own) count_q <= count_q + CountWidth'(1);
      end
    end

    always_ff @(posedge clk_i) begin
      if (!rst_ni) short_q <= 1'b0;
      else if (short_q) short_q <= !ready_i;
      else short_q <= valid_i && own && last_i;
    end

    for (genvar r = 0; r < BroughtRows; r++) begin : gen_row
      localparam int unsigned Width = BroughtWidths[r];
      localparam int unsigned Offset = BroughtOffsets[r];

      logic [BeatEntries*Width-1:0] entries;

      beat_clamp #(.Count(BeatEntries), .SourceWidth(SourceWidth), .Width(Width)) u_clamp (
        .beat_i, .integers_o(entries)
      );
      for (genvar b = 0; b < RowBeats; b++) begin : gen_beat
        always_ff @(posedge clk_i) begin
          if (valid_i && ready_o && own && count_q == CountWidth'(r * RowBeats + b)) begin
            for (int unsigned e = 0; e < BeatEntries; e++) begin
              numbers_o[(b*BeatEntries+e)*BroughtBits+Offset +: Width] <= entries[e*Width +: Width];
            end
          end
        end
      end
    end
  end
endmodule

`default_nettype wire
