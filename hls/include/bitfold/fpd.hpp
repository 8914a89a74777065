// SPDX-License-Identifier: Apache-2.0
// The columns of FPD-Net in a distributed unit: Algorithm 2 of the HPD/FPD paper.
// Golden model: fixedpoint/detectors/fpd.py.
#pragma once

#include <type_traits>

#include "grid.hpp"
#include "hyper.hpp"
#include "lookup.hpp"
#include "requantize.hpp"
#include "unit_rows.hpp"

namespace bitfold {

// The sum of a table over the grid, at scale * (x - point): eqs. (34) and (35).
template <class Spec, class Table, int Sum, int ScaleBits>
Int<Sum> over_grid(Int<Spec::state_bits> x, Int<ScaleBits> scale) {
#pragma HLS INLINE
  Int<Sum> total = 0;
points:
  for (int j = 0; j < 1 << Spec::symbol_bits; ++j) {
#pragma HLS UNROLL
    const Int<Spec::state_bits + 1> wide = x;
    const Int<Spec::state_bits + 1> distance =
        static_cast<Int<Spec::state_bits + 1>>(wide - grid_point<Spec>(j));
    const auto argument = multiply<Table::work_bits>(distance, scale);
    total = static_cast<Int<Sum>>(total + lookup<Table>(argument, Table::values));
  }
  return total;
}

// The run-time scales of all layers, the same for every vector: kappa mu1, eta^1/4, mu2 eta^1/4,
// sqrt(beta), mu3 sqrt(beta) and pi mu4.
template <class Spec>
struct FpdScales {
  Int<Spec::step_bits> step[Spec::layers];
  Int<Spec::quartic_scale_bits> quartic_scale[Spec::layers];
  Int<Spec::quartic_step_bits> quartic_step[Spec::layers];
  Int<Spec::gaussian_scale_bits> gaussian_scale[Spec::layers];
  Int<Spec::gaussian_step_bits> gaussian_step[Spec::layers];
  Int<Spec::cosine_step_bits> cosine_step[Spec::layers];
};

// What `distributed.hpp` asks of a detector: the constants of a unit's layers, and its columns.
template <class Numbers>
struct Fpd {
  using Spec = Numbers;

  // From tables, or from the hyper-network, which has the same scales among its wires.
  using Theta = std::conditional_t<Spec::hyper, HyperWires<Spec>, FpdScales<Spec>>;

  // The wires of a unit's columns, in the order of computation.
  struct Columns {
    Int<Spec::state_bits> b[Spec::columns];
    Int<Spec::quartic_bits> quartic[Spec::columns];
    Int<Spec::state_bits> p[Spec::columns];
    Int<Spec::gaussian_bits> gaussian[Spec::columns];
    Int<Spec::state_bits> d[Spec::columns];
    Int<Spec::Third::output_bits> cosine[Spec::columns];
  };

  static void prepare(const UnitMatrix<Spec>& h, const UnitCodes<Spec>& codes,
                      UInt<Spec::index_bits> index, Theta& theta) {
#pragma HLS INLINE
    if constexpr (Spec::hyper) {
      hyper_network<Spec>(h, codes, index, theta);
    } else {
    layers:
      for (int k = 0; k < Spec::layers; ++k) {
#pragma HLS UNROLL
        theta.step[k] = Spec::step[k];
        theta.quartic_scale[k] = Spec::quartic_scale[k];
        theta.quartic_step[k] = Spec::quartic_step[k];
        theta.gaussian_scale[k] = Spec::gaussian_scale[k];
        theta.gaussian_step[k] = Spec::gaussian_step[k];
        theta.cosine_step[k] = Spec::cosine_step[k];
      }
    }
  }

  // The chain b, p, d, x_c of eqs. (37) to (40).
  static void columns(int layer, const Theta& theta, const Point<Spec>& z,
                      const UnitRows<Spec>& rows, Columns& wires,
                      Int<Spec::state_bits> (&estimate)[Spec::columns]) {
#pragma HLS INLINE
  columns:
    for (int j = 0; j < Spec::columns; ++j) {
#pragma HLS PIPELINE II = 1
      const auto descent = multiply<Spec::g_scaled_bits>(theta.step[layer], rows.gradient[j]);
      const auto b = combine<typename Spec::Descend, Spec::state_bits>(z[j], descent);

      const auto quartic =
          over_grid<Spec, typename Spec::Quartic, Spec::quartic_bits, Spec::quartic_scale_bits>(
              b, theta.quartic_scale[layer]);
      const auto first = multiply<Spec::quartic_scaled_bits>(theta.quartic_step[layer], quartic);
      const auto p = combine<typename Spec::QuarticUpdate, Spec::state_bits>(b, -first);

      const auto gaussian =
          over_grid<Spec, typename Spec::Gaussian, Spec::gaussian_bits, Spec::gaussian_scale_bits>(
              p, theta.gaussian_scale[layer]);
      const auto second =
          multiply<Spec::gaussian_scaled_bits>(theta.gaussian_step[layer], gaussian);
      const auto d = combine<typename Spec::GaussianUpdate, Spec::state_bits>(p, -second);

      const auto cosine = third_slope(layer, theta, grid_distance<Spec>(d));
      const auto third = multiply<Spec::cosine_scaled_bits>(theta.cosine_step[layer], cosine);
      const auto update = combine<typename Spec::CosineUpdate, Spec::state_bits>(d, third);

      wires.b[j] = b;
      wires.quartic[j] = quartic;
      wires.p[j] = p;
      wires.gaussian[j] = gaussian;
      wires.d[j] = d;
      wires.cosine[j] = cosine;
      estimate[j] = project<Spec>(update);
    }
  }

  // sin(pi d) / (cos(pi d) + phi) at the distance of d from the nearest point, eq. (36): a table a
  // layer, or at the phi of the hyper-network.
  static Int<Spec::Third::output_bits> third_slope(int layer, const Theta& theta,
                                                   Int<Spec::state_bits> distance) {
#pragma HLS INLINE
    if constexpr (Spec::hyper) {
      return hyper_cosine_slope<Spec>(distance, theta.phi[layer]);
    } else {
      return lookup<typename Spec::Third>(distance, Spec::Third::values[layer]);
    }
  }
};

}  // namespace bitfold
