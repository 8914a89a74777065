// SPDX-License-Identifier: Apache-2.0
// One layer of PGD-Net in integers, and all of them: eqs. (6) to (8) of the KAQ paper.
// Golden model: fixedpoint/detectors/pgd.py. `Spec` is the struct that hls/emit_cpp.py prints from a spec.
#pragma once

#include "bank.hpp"
#include "dot.hpp"
#include "prox.hpp"
#include "requantize.hpp"
#include "slicer.hpp"
#include "types.hpp"

namespace bitfold {

template <class Spec>
using PgdMatrix = Operand<Spec::h_bits>[Spec::rows][Spec::columns];

template <class Spec>
using PgdReceived = Int<Spec::y_bits>[Spec::rows];

template <class Spec>
using PgdCode = Operand<Spec::code_bits>[Spec::columns];

// The constants of one layer at one SNR; step is that of the layer before (0 in the first).
template <class Spec>
struct PgdConstants {
  Int<Spec::step_bits> step;
  Int<Spec::eta_bits> eta;
  Int<Spec::state_bits> threshold;
  Int<Spec::inverse_bits> inverse;
};

// The wires of one layer but its code. What nobody reads, the compiler removes.
template <class Spec>
struct PgdWires {
  Int<Spec::accumulator_bits> accumulator[Spec::rows];
  Int<Spec::residual_bits> residual[Spec::rows];
  Int<Spec::gradient_bits> gradient[Spec::columns];
  Int<Spec::state_bits> update[Spec::columns];
  Int<Spec::state_bits> state[Spec::columns];
};

// The constants of layer 0 ... layers - 1. An index beyond the bank takes the bank's last entry.
template <class Spec>
PgdConstants<Spec> pgd_constants(int layer, UInt<Spec::index_bits> index) {
#pragma HLS INLINE
  const int entry = bank_entry<Spec>(index);
  PgdConstants<Spec> c;
  c.step = layer == 0 ? 0 : Spec::step[layer - 1][entry];
  c.eta = Spec::eta[layer];
  c.threshold = Spec::threshold[layer];
  c.inverse = Spec::inverse[layer][entry];
  return c;
}

// One layer. x: the codes of the layer before, replaced by those of this one.
//
// One pass over the rows does both products: row i of H gives acc[i], hence r[i], and adds its
// share to the gradient at once. The columns follow.
template <class Spec>
void pgd_layer(const PgdMatrix<Spec>& h, const PgdReceived<Spec>& y, const PgdConstants<Spec>& c,
               PgdCode<Spec>& x, PgdWires<Spec>& wires) {
#pragma HLS INLINE
  constexpr int error_work = Spec::error_rounded_bits;
  constexpr int update_work = Spec::update_rounded_bits;
  constexpr int code_work = Spec::code_rounded_bits;
  const auto y_scale = power_of_two<error_work>(Spec::y_align);
  const auto x_scale = multiply<update_work>(c.step, power_of_two<update_work>(Spec::x_align));
  const auto g_scale = multiply<update_work>(c.eta, power_of_two<update_work>(Spec::g_align));

  Int<Spec::gradient_bits> gradient[Spec::columns];
#pragma HLS ARRAY_PARTITION variable = gradient complete
clear:
  for (int j = 0; j < Spec::columns; ++j) {
#pragma HLS UNROLL
    gradient[j] = 0;
  }

rows:
  for (int i = 0; i < Spec::rows; ++i) {
#pragma HLS PIPELINE II = 1
    const auto acc = dot<Spec::accumulator_bits>(h[i], x);
    const Int<error_work> error =
        multiply<error_work>(acc, c.step) - multiply<error_work>(y[i], y_scale);
    const auto r = requantize<Spec::residual_shift, error_work, Spec::residual_bits>(error);
    accumulate<Spec::gradient_bits>(gradient, h[i], Operand<Spec::residual_bits>(r));
    wires.accumulator[i] = acc;
    wires.residual[i] = r;
  }

columns:
  for (int j = 0; j < Spec::columns; ++j) {
#pragma HLS PIPELINE II = 1
    const Int<update_work> change =
        multiply<update_work>(x[j], x_scale) - multiply<update_work>(gradient[j], g_scale);
    const auto u = requantize<Spec::update_shift, update_work, Spec::state_bits>(change);
    const auto v = prox<Spec::soft, Spec::state_bits>(u, c.threshold);
    const auto product = multiply<code_work>(v, c.inverse);
    x[j] = requantize<Spec::code_shift, code_work, Spec::code_bits>(product);
    wires.gradient[j] = gradient[j];
    wires.update[j] = u;
    wires.state[j] = v;
  }
}

// All layers from x = 0. Leaves the last layer's codes in x and its wires in `wires`.
template <class Spec>
void pgd_layers(const PgdMatrix<Spec>& h, const PgdReceived<Spec>& y,
                UInt<Spec::index_bits> index, PgdCode<Spec>& x, PgdWires<Spec>& wires) {
clear:
  for (int j = 0; j < Spec::columns; ++j) {
#pragma HLS UNROLL
    x[j] = 0;
  }
layers:
  for (int layer = 0; layer < Spec::layers; ++layer) {
    pgd_layer<Spec>(h, y, pgd_constants<Spec>(layer, index), x, wires);
  }
}

}  // namespace bitfold
