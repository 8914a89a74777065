// SPDX-License-Identifier: Apache-2.0
// What enters a detector: the rows of a block's matrices, a row a cycle, and received vectors.
// Golden model: fixedpoint/inputs.py, which refuses what is clamped here.
#pragma once

#include "hls_stream.hpp"
#include "requantize.hpp"
#include "types.hpp"

namespace bitfold {

// One row of H.
template <class Spec>
struct ChannelRow {
  Int<Spec::h_bits> entry[Spec::columns];
};

// One received vector with its SNR index; `last` closes the coherence block.
template <class Spec>
struct ReceivedVector {
  Int<Spec::y_bits> y[Spec::rows];
  UInt<Spec::index_bits> index;
  bool last;
};

// An entry of h_bits, as a stream carries it, within the symmetric format of Bits.
template <class Spec, int Bits>
constexpr Int<Bits> clamp_entry(Int<Spec::h_bits> q) {
  return saturate<Spec::h_bits, Bits>(q);
}

// Rows of a matrix of Bits, clamped: the symmetric format does not allow -128 on 8 bits. Returns
// the last row as it came.
template <class Spec, int Bits, class Row, int Rows>
Row load_rows(hls::stream<Row>& rows_in, Operand<Bits> (&matrix)[Rows][Spec::columns]) {
#pragma HLS INLINE
  Row row;
rows:
  for (int i = 0; i < Rows; ++i) {
#pragma HLS PIPELINE II = 1
    row = rows_in.read();
  entries:
    for (int j = 0; j < Spec::columns; ++j) {
#pragma HLS UNROLL
      matrix[i][j] = clamp_entry<Spec, Bits>(row.entry[j]);
    }
  }
  return row;
}

// Rows of H, clamped.
template <class Spec, int Rows>
void load_channel(hls::stream<ChannelRow<Spec>>& rows_in,
                  Operand<Spec::h_bits> (&h)[Rows][Spec::columns]) {
#pragma HLS INLINE
  load_rows<Spec, Spec::h_bits>(rows_in, h);
}

// A received vector, clamped.
template <class Spec>
void clamp_received(const ReceivedVector<Spec>& received, Int<Spec::y_bits> (&y)[Spec::rows]) {
#pragma HLS INLINE
samples:
  for (int i = 0; i < Spec::rows; ++i) {
#pragma HLS UNROLL
    y[i] = clamp_symmetric<Spec::y_bits>(received.y[i]);
  }
}

}  // namespace bitfold
