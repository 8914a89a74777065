// SPDX-License-Identifier: Apache-2.0
// The grid of one real dimension, ..., -3, -1, 1, 3, ..., in the state's format.
// Golden model: fixedpoint/detectors/units.py.
#pragma once

#include "slicer.hpp"
#include "types.hpp"

namespace bitfold {

// Point j = 0 ... 2^symbol_bits - 1, ascending. Spec::grid_one is 1, grid_peak the last point.
template <class Spec>
constexpr Int<Spec::state_bits> grid_point(int j) {
  constexpr int wide = Spec::state_bits + 1;  // on the way up from the lowest point
  const auto above_lowest = multiply<wide>(2 * j, Spec::grid_one);
  return static_cast<Int<Spec::state_bits>>(above_lowest - Spec::grid_peak);
}

// x less the nearest point; in the middle of two, the upper one.
template <class Spec>
Int<Spec::state_bits> grid_distance(Int<Spec::state_bits> x) {
#pragma HLS INLINE
  const auto j = position<Spec::symbol_bits, Spec::state_bits>(x, Spec::slicer);
  return static_cast<Int<Spec::state_bits>>(x - grid_point<Spec>(static_cast<int>(j)));
}

// Onto the grid's range, -peak ... peak: eq. (20) of the HPD/FPD paper.
template <class Spec>
constexpr Int<Spec::state_bits> project(Int<Spec::state_bits> x) {
  const Int<Spec::state_bits> high = Spec::grid_peak;
  const Int<Spec::state_bits> low = -Spec::grid_peak;
  return x > high ? high : x < low ? low : x;
}

}  // namespace bitfold
