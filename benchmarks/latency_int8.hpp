// SPDX-License-Identifier: Apache-2.0
// What the INT8 nets share: the contract's rounding and sums in int32 lanes.
// Golden model: fixedpoint/numbers/requantize.py.
#pragma once

#include "latency_lanes.hpp"

namespace latency {

constexpr int largest(int bits) { return (1 << (bits - 1)) - 1; }

template <int Shift>
inline Ints round_half_up(Ints q) {
  if constexpr (Shift == 0) {
    return q;
  } else {
    return (q + (1 << (Shift - 1))) >> Shift;
  }
}

// Rounded, then saturated to +-limit.
template <int Shift>
inline Ints requantize(Ints q, int limit) {
  return clamp(round_half_up<Shift>(q), Ints{} + limit);
}

// 2^align of term `At`: what brings it to the common point of the sum.
template <class Sum, int At>
constexpr std::int32_t lift = std::int32_t{1} << Sum::align[At];

// True if int32 lanes hold the sum, its terms and its rounding constant, and it is no left shift.
template <class Sum>
constexpr bool fits_lanes = Sum::work_bits <= 32 && Sum::shift >= 0;

}  // namespace latency
