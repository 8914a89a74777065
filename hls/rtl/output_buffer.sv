// Collects a vector's last states group by group and sends them as a frame, one column a beat.
// reserve_i takes the place of a whole vector (room_o says that there is one), so that groups are
// never refused; the place is given back when its last column has left for the output register.
// Latency: 2 cycles from the last group to valid_o; a frame is sent without gaps if ready_i allows.
module output_buffer #(
  parameter int unsigned Vectors      = 2,
  parameter int unsigned Groups       = 32,
  parameter int unsigned GroupColumns = 1,
  parameter int unsigned Width        = 26,  // of a column
  parameter int unsigned UserWidth    = 7,
  localparam int unsigned GroupWidth = (Groups > 1) ? $clog2(Groups) : 1
) (
  input  logic                          clk_i,
  input  logic                          rst_ni,
  input  logic                          reserve_i,
  output logic                          room_o,
  input  logic                          group_valid_i,
  input  logic [GroupWidth-1:0]         group_i,
  input  logic [GroupColumns*Width-1:0] group_data_i,
  input  logic [UserWidth-1:0]          user_i,
  output logic                          valid_o,
  input  logic                          ready_i,
  output logic [Width-1:0]              data_o,
  output logic [UserWidth-1:0]          user_o,
  output logic                          last_o,
  output logic                          busy_o
);
  localparam int unsigned VectorWidth = (Vectors > 1) ? $clog2(Vectors) : 1;
  localparam int unsigned CountWidth = $clog2(Vectors + 1);
  localparam int unsigned ColumnWidth = (GroupColumns > 1) ? $clog2(GroupColumns) : 1;

  if (Vectors < 1) begin : gen_bad_vectors
    $error("output_buffer: Vectors must be at least 1");
  end

  logic [GroupColumns*Width-1:0] memory[1 << (VectorWidth + GroupWidth)];
  logic [UserWidth-1:0] users[1 << VectorWidth];
  logic [GroupColumns*Width-1:0] word;
  logic [VectorWidth-1:0] write_q, read_q;
  logic [GroupWidth-1:0] group_q;
  logic [ColumnWidth-1:0] column_q;
  logic [CountWidth-1:0] reserved_q, complete_q;
  logic completed, send, group_end, frame_end;

  function automatic logic [VectorWidth-1:0] next(input logic [VectorWidth-1:0] vector);
    return (vector == VectorWidth'(Vectors - 1)) ? '0 : vector + VectorWidth'(1);
  endfunction

  assign room_o    = reserved_q != CountWidth'(Vectors);
  assign busy_o    = reserved_q != '0 || valid_o;
  assign completed = group_valid_i && group_i == GroupWidth'(Groups - 1);
  assign word      = memory[{read_q, group_q}];
  assign group_end = column_q == ColumnWidth'(GroupColumns - 1);
  assign frame_end = group_end && group_q == GroupWidth'(Groups - 1);

  // The output register takes the next column of a complete vector when it is empty or being read.
  assign send = complete_q != '0 && (!valid_o || ready_i);

  always_ff @(posedge clk_i) begin
    if (group_valid_i) memory[{write_q, group_i}] <= group_data_i;
    if (completed) users[write_q] <= user_i;
  end

  always_ff @(posedge clk_i) begin
    if (!rst_ni) valid_o <= 1'b0;
    else valid_o <= send || (valid_o && !ready_i);
    if (send) begin
      data_o <= word[column_q*Width +: Width];
      user_o <= users[read_q];
      last_o <= frame_end;
    end
  end

  // Columns are read in order, group by group.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      group_q  <= '0;
      column_q <= '0;
    end else if (send) begin
      column_q <= group_end ? '0 : column_q + ColumnWidth'(1);
      if (group_end) group_q <= frame_end ? '0 : group_q + GroupWidth'(1);
    end
  end

  // Vectors are counted when reserved, when complete, and when their last column leaves.
  always_ff @(posedge clk_i) begin
    if (!rst_ni) begin
      write_q    <= '0;
      read_q     <= '0;
      reserved_q <= '0;
      complete_q <= '0;
    end else begin
      if (completed) write_q <= next(write_q);
      if (send && frame_end) read_q <= next(read_q);
      reserved_q <= reserved_q + CountWidth'(reserve_i) - CountWidth'(send && frame_end);
      complete_q <= complete_q + CountWidth'(completed) - CountWidth'(send && frame_end);
    end
  end
endmodule
