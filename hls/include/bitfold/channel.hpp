// SPDX-License-Identifier: Apache-2.0
// The rows of a block's matrices, a row a cycle.
// Golden model: fixedpoint/receivers/inputs.py, which refuses what is clamped here.
#pragma once

#include "requantize.hpp"
#include "types.hpp"

namespace bitfold {

// A matrix that a block brings, as a golden vector file names it.
struct MatrixPart {
  const char* name;
  const char* format;
  int rows;
};

// An entry of entry_bits, as a stream carries it, within the symmetric format of Bits.
template <class Spec, int Bits>
constexpr Int<Bits> clamp_entry(Int<Spec::entry_bits> q) {
  return saturate<Spec::entry_bits, Bits>(q);
}

// Rows of a matrix of Bits, clamped: the symmetric format does not allow -128 on 8 bits. `Source`
// has read(), as a stream has. Returns the last row as it came.
template <class Spec, int Bits, class Source, int Rows>
auto load_rows(Source& source, Operand<Bits> (&matrix)[Rows][Spec::columns]) {
#pragma HLS INLINE
  decltype(source.read()) row;
rows:
  for (int i = 0; i < Rows; ++i) {
#pragma HLS PIPELINE II = 1
    row = source.read();
  entries:
    for (int j = 0; j < Spec::columns; ++j) {
#pragma HLS UNROLL
      matrix[i][j] = clamp_entry<Spec, Bits>(row.entry[j]);
    }
  }
  return row;
}

}  // namespace bitfold
