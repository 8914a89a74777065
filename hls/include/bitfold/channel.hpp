// H from its stream, a row a cycle.
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

// Rows of H, clamped: the symmetric format does not allow -128 on 8 bits.
template <class Spec, int Rows>
void load_channel(hls::stream<ChannelRow<Spec>>& rows_in,
                  Operand<Spec::h_bits> (&h)[Rows][Spec::columns]) {
#pragma HLS INLINE
rows:
  for (int i = 0; i < Rows; ++i) {
#pragma HLS PIPELINE II = 1
    const ChannelRow<Spec> row = rows_in.read();
  entries:
    for (int j = 0; j < Spec::columns; ++j) {
#pragma HLS UNROLL
      h[i][j] = clamp_symmetric<Spec::h_bits>(row.entry[j]);
    }
  }
}

}  // namespace bitfold
