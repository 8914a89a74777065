// SPDX-License-Identifier: Apache-2.0
// The grid of one real dimension, ..., -3, -1, 1, 3, ..., at a point of its own.
// Golden model: fixedpoint/program/views/golden.py, Grid and Distance.
#pragma once

#include "slicer.hpp"
#include "types.hpp"

namespace bitfold {

// Point j = 0 ... 2^SymbolBits - 1, ascending, in steps of 2^-Frac.
template <int Bits, int SymbolBits, int Frac>
constexpr Int<Bits> grid_point(int j) {
  constexpr int wide = Bits + 1;  // on the way up from the lowest point
  constexpr int peak = (1 << SymbolBits) - 1;
  const Int<wide> number = static_cast<Int<wide>>(2 * j - peak);
  return static_cast<Int<Bits>>(multiply<wide>(number, power_of_two<wide>(Frac)));
}

// x less the nearest point by the slicer's thresholds; in the middle of two, the upper one.
template <int Bits, int SymbolBits, int Frac, class Table, int Thresholds>
Int<Bits> grid_distance(Int<Bits> x, const Table (&thresholds)[Thresholds]) {
#pragma HLS INLINE
  const auto j = position<SymbolBits, Bits>(x, thresholds);
  return static_cast<Int<Bits>>(x - grid_point<Bits, SymbolBits, Frac>(static_cast<int>(j)));
}

}  // namespace bitfold
