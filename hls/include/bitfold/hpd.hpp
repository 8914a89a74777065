// SPDX-License-Identifier: Apache-2.0
// The columns of HPD in a distributed unit: Algorithm 1 of the HPD/FPD paper.
// Golden model: fixedpoint/detectors/hpd.py.
#pragma once

#include "grid.hpp"
#include "lookup.hpp"
#include "requantize.hpp"
#include "unit_rows.hpp"

namespace bitfold {

// What `distributed.hpp` asks of a detector: the constants of a unit's layers, and its columns.
template <class Numbers>
struct Hpd {
  using Spec = Numbers;

  // The constants of all layers, the same for every vector: kappa mu, and mu alpha gamma^t / C.
  struct Theta {
    Int<Spec::step_bits> step[Spec::layers];
    Int<Spec::weight_bits> weight[Spec::layers];
  };

  // The wires of a unit's columns: the penalty's gradient at z, eq. (21), before its weight.
  struct Columns {
    Int<Spec::Pull::output_bits> pull[Spec::columns];
  };

  static void prepare(const UnitMatrix<Spec>&, const UnitCodes<Spec>&, UInt<Spec::index_bits>,
                      Theta& theta) {
#pragma HLS INLINE
  layers:
    for (int k = 0; k < Spec::layers; ++k) {
#pragma HLS UNROLL
      theta.step[k] = Spec::step[k];
      theta.weight[k] = Spec::weight[k];
    }
  }

  // x_c of eq. (20).
  static void columns(int layer, const Theta& theta, const Point<Spec>& z,
                      const UnitRows<Spec>& rows, Columns& wires,
                      Int<Spec::state_bits> (&estimate)[Spec::columns]) {
#pragma HLS INLINE
    const auto step = theta.step[layer];
    const auto weight = theta.weight[layer];
  columns:
    for (int j = 0; j < Spec::columns; ++j) {
#pragma HLS PIPELINE II = 1
      const Int<Spec::state_bits> start = static_cast<Int<Spec::state_bits>>(z[j]);
      const auto distance = grid_distance<Spec>(start);
      const auto pull = lookup<typename Spec::Pull>(distance, Spec::Pull::values);
      const auto descent = multiply<Spec::g_scaled_bits>(step, rows.gradient[j]);
      const auto weighted = multiply<Spec::pull_scaled_bits>(weight, pull);
      const auto update =
          combine<typename Spec::Update, Spec::state_bits>(start, descent, -weighted);
      wires.pull[j] = pull;
      estimate[j] = project<Spec>(update);
    }
  }
};

}  // namespace bitfold
