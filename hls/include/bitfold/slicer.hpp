// SPDX-License-Identifier: Apache-2.0
// The slicer: Gray bits from the wide state by integer thresholds.
// Golden model: fixedpoint/numbers/slicer.py.
#pragma once

#include "types.hpp"

namespace bitfold {

// The number of thresholds <= v: a state on a threshold decides upwards.
template <int SymbolBits, int StateBits, class Table, int Thresholds>
UInt<SymbolBits> position(Int<StateBits> v, const Table (&thresholds)[Thresholds]) {
#pragma HLS INLINE
  static_assert(Thresholds == (1 << SymbolBits) - 1, "b bits need 2^b - 1 thresholds");
  UInt<SymbolBits> below = 0;
levels:
  for (int t = 0; t < Thresholds; ++t) {
#pragma HLS UNROLL
    below += static_cast<UInt<SymbolBits>>(v >= static_cast<Int<StateBits>>(thresholds[t]));
  }
  return below;
}

// The Gray word (first bit highest) of the position i: i ^ (i >> 1).
template <int SymbolBits, int StateBits, class Table, int Thresholds>
UInt<SymbolBits> slice(Int<StateBits> v, const Table (&thresholds)[Thresholds]) {
#pragma HLS INLINE
  const UInt<SymbolBits> i = position<SymbolBits, StateBits>(v, thresholds);
  return static_cast<UInt<SymbolBits>>(i ^ (i >> 1));
}

}  // namespace bitfold
