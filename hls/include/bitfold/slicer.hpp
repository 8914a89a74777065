// The slicer: Gray bits from the wide state by integer thresholds.
// Golden model: fixedpoint/slicer.py.
#pragma once

#include "types.hpp"

namespace bitfold {

// The Gray word (first bit highest) of the position i = number of thresholds <= v: i ^ (i >> 1).
// A state on a threshold decides upwards.
template <int SymbolBits, int StateBits, class Table, int Thresholds>
UInt<SymbolBits> slice(Int<StateBits> v, const Table (&thresholds)[Thresholds]) {
#pragma HLS INLINE
  static_assert(Thresholds == (1 << SymbolBits) - 1, "b bits need 2^b - 1 thresholds");
  UInt<SymbolBits> position = 0;
levels:
  for (int t = 0; t < Thresholds; ++t) {
#pragma HLS UNROLL
    position += static_cast<UInt<SymbolBits>>(v >= static_cast<Int<StateBits>>(thresholds[t]));
  }
  return static_cast<UInt<SymbolBits>>(position ^ (position >> 1));
}

}  // namespace bitfold
