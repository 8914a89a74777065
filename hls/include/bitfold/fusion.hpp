// SPDX-License-Identifier: Apache-2.0
// The fusion node: mean of the units' estimates, and momentum.
// Golden model: fixedpoint/detectors/units.py, fusion; eqs. (22) and (23) of the HPD/FPD paper.
#pragma once

#include "requantize.hpp"
#include "types.hpp"
#include "unit_rows.hpp"

namespace bitfold {

// One estimate x_c of each unit.
template <class Spec>
using Estimates = Int<Spec::state_bits>[Spec::units][Spec::columns];

// What the node keeps between layers: s, and z where the units' next layer starts.
template <class Spec>
struct Fusion {
  Int<Spec::state_bits> state[Spec::columns];
  Point<Spec> point;
};

// s = z = 0, before the first layer.
template <class Spec>
void fusion_start(Fusion<Spec>& fusion) {
#pragma HLS INLINE
columns:
  for (int j = 0; j < Spec::columns; ++j) {
#pragma HLS UNROLL
    fusion.state[j] = 0;
    fusion.point[j] = 0;
  }
}

// s and z after layer 0 ... layers - 1.
template <class Spec>
void fuse(int layer, const Estimates<Spec>& estimates, Fusion<Spec>& fusion) {
#pragma HLS INLINE
  constexpr int mean_work = Spec::mean_rounded_bits;
  const Int<Spec::momentum_bits> momentum = Spec::momentum[layer];
columns:
  for (int j = 0; j < Spec::columns; ++j) {
#pragma HLS PIPELINE II = 1
    Int<Spec::total_bits> total = 0;
  units:
    for (int c = 0; c < Spec::units; ++c) {
#pragma HLS UNROLL
      total = static_cast<Int<Spec::total_bits>>(total + estimates[c][j]);
    }
    const Int<Spec::mean_bits> mean = Spec::mean;
    const auto product = multiply<mean_work>(total, mean);
    const auto s = requantize<Spec::mean_shift, mean_work, Spec::state_bits>(product);
    const Int<Spec::state_change_bits> change =
        static_cast<Int<Spec::state_change_bits>>(s - fusion.state[j]);
    const auto scaled = multiply<Spec::momentum_scaled_bits>(momentum, change);
    fusion.state[j] = s;
    fusion.point[j] = combine<typename Spec::Extrapolate, Spec::state_bits>(s, scaled);
  }
}

}  // namespace bitfold
