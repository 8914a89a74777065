// SPDX-License-Identifier: Apache-2.0
// The proximal step between the update u and the state v: soft threshold or box; and a fold at 0.
// Golden model: fixedpoint/numbers/prox.py; eq. (8) of the KAQ paper.
#pragma once

#include "types.hpp"

namespace bitfold {

// sgn(u) * max(|u| - threshold, 0), threshold >= 0. One bit more holds u -/+ threshold.
template <int Bits>
constexpr Int<Bits> soft_threshold(Int<Bits> u, Int<Bits> threshold) {
  const Int<Bits + 1> wide = u;
  const Int<Bits + 1> lowered = static_cast<Int<Bits + 1>>(wide - threshold);
  const Int<Bits + 1> raised = static_cast<Int<Bits + 1>>(wide + threshold);
  const Int<Bits + 1> zero = 0;
  return static_cast<Int<Bits>>(lowered > 0 ? lowered : raised < 0 ? raised : zero);
}

// min(max(u, -limit), limit), limit > 0.
template <int Bits>
constexpr Int<Bits> box(Int<Bits> u, Int<Bits> limit) {
  const Int<Bits> low = static_cast<Int<Bits>>(-limit);
  return u > limit ? limit : u < low ? low : u;
}

// crease - |u|, crease >= 0.
template <int Bits>
constexpr Int<Bits> fold(Int<Bits> u, Int<Bits> crease) {
  return static_cast<Int<Bits>>(u < 0 ? crease + u : crease - u);
}

}  // namespace bitfold
