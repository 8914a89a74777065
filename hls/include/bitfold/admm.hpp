// SPDX-License-Identifier: Apache-2.0
// ADMM-Net in integers: the front end x0 = F y, then layers that each take one product with P.
// Golden model: fixedpoint/detectors/admm.py. `Spec` is the struct that hls/emit_cpp.py prints from a spec.
#pragma once

#include "bank.hpp"
#include "dot.hpp"
#include "prox.hpp"
#include "requantize.hpp"
#include "types.hpp"

namespace bitfold {

// What a coherence block brings: F transposed, so that both products sum over stored rows, P, and
// the SNR index that both are made for.
template <class Spec>
struct AdmmBlock {
  Operand<Spec::f_bits> f[Spec::rows][Spec::columns];
  Operand<Spec::p_bits> p[Spec::columns][Spec::columns];
  UInt<Spec::index_bits> index;
};

template <class Spec>
using AdmmReceived = Int<Spec::y_bits>[Spec::rows];

// The constants of one layer at one SNR.
template <class Spec>
struct AdmmConstants {
  Int<Spec::relaxation_bits> relaxation;
  Int<Spec::dual_step_bits> dual_step;
  Int<Spec::state_bits> threshold;
  Int<Spec::step_bits> step;
  Int<Spec::inverse_bits> inverse;
};

// What a layer needs of a vector: x0, z, u and z - u.
template <class Spec>
struct AdmmState {
  Int<Spec::front_bits> front[Spec::columns];
  Int<Spec::state_bits> decoded[Spec::columns];
  Int<Spec::dual_bits> dual[Spec::columns];
  Operand<Spec::difference_bits> difference[Spec::columns];
};

// The wires of the front end but x0.
template <class Spec>
struct AdmmFront {
  Int<Spec::filtered_bits> filtered[Spec::columns];
};

// The wires of one layer but those of AdmmState. What nobody reads, the compiler removes.
template <class Spec>
struct AdmmWires {
  Int<Spec::product_bits> product[Spec::columns];
  Int<Spec::state_bits> estimate[Spec::columns];
  Int<Spec::state_bits> relaxed[Spec::columns];
  Int<Spec::state_bits> update[Spec::columns];
  Int<Spec::state_bits> state[Spec::columns];
  Int<Spec::code_bits> code[Spec::columns];
};

// The constants of layer 0 ... layers - 1. An index beyond the bank takes the bank's last entry.
template <class Spec>
AdmmConstants<Spec> admm_constants(int layer, UInt<Spec::index_bits> index) {
#pragma HLS INLINE
  const int entry = bank_entry<Spec>(index);
  AdmmConstants<Spec> c;
  c.relaxation = Spec::relaxation[layer];
  c.dual_step = Spec::dual_step[layer];
  c.threshold = Spec::threshold[layer];
  c.step = Spec::step[layer][entry];
  c.inverse = Spec::inverse[layer][entry];
  return c;
}

// weight * (to - from), exact.
template <class Spec, int Scaled, class Weight>
constexpr Int<Scaled> weighted_gap(Int<Spec::state_bits> to, Int<Spec::state_bits> from,
                                   Weight weight) {
  const Int<Spec::gap_bits> wide = to;
  return multiply<Scaled>(static_cast<Int<Spec::gap_bits>>(wide - from), weight);
}

// x0 = F y, and z = u = 0.
template <class Spec>
void admm_front(const AdmmBlock<Spec>& block, const AdmmReceived<Spec>& y, AdmmState<Spec>& vector,
                AdmmFront<Spec>& wires) {
#pragma HLS INLINE
  column_pass<Spec::filtered_bits>(block.f, y, wires.filtered);
columns:
  for (int j = 0; j < Spec::columns; ++j) {
#pragma HLS PIPELINE II = 1
    const Int<Spec::front_rounded_bits> filtered = wires.filtered[j];
    vector.front[j] =
        requantize<Spec::front_shift, Spec::front_rounded_bits, Spec::front_bits>(filtered);
    vector.decoded[j] = 0;
    vector.dual[j] = 0;
    vector.difference[j] = 0;
  }
}

// One column of a layer, from its product: x, its relaxation, v, its code, and the next z, u, z - u.
template <class Spec>
void admm_column(const AdmmConstants<Spec>& c, int j, AdmmState<Spec>& vector,
                 AdmmWires<Spec>& wires) {
#pragma HLS INLINE
  constexpr int state = Spec::state_bits;
  const Int<state> z = vector.decoded[j];
  const Int<Spec::dual_bits> u = vector.dual[j];
  const auto x = combine<typename Spec::Estimate, state>(vector.front[j], wires.product[j]);
  const auto towards_x = weighted_gap<Spec, Spec::gap_scaled_bits>(x, z, c.relaxation);
  const auto relaxed = combine<typename Spec::Relaxed, state>(z, towards_x);
  const auto update = combine<typename Spec::Update, state>(relaxed, u);
  const auto v = prox<Spec::soft, state>(update, c.threshold);

  const auto code = requantize<Spec::code_shift, Spec::code_rounded_bits, Spec::code_bits>(
      multiply<Spec::code_rounded_bits>(v, c.inverse));
  const auto decoded = requantize<Spec::decoded_shift, Spec::decoded_rounded_bits, state>(
      multiply<Spec::decoded_rounded_bits>(code, c.step));

  const auto ascent = weighted_gap<Spec, Spec::gap_stepped_bits>(relaxed, decoded, c.dual_step);
  const auto dual = combine<typename Spec::Dual, Spec::dual_bits>(u, ascent);
  const auto subtracted = static_cast<Int<Spec::dual_bits>>(-dual);
  vector.difference[j] =
      combine<typename Spec::Difference, Spec::difference_bits>(decoded, subtracted);
  vector.decoded[j] = decoded;
  vector.dual[j] = dual;
  wires.estimate[j] = x;
  wires.relaxed[j] = relaxed;
  wires.update[j] = update;
  wires.state[j] = v;
  wires.code[j] = code;
}

// Layer 0 ... layers - 1 at the block's SNR. The first one's product is 0, as z - u is.
template <class Spec>
void admm_layer(int layer, const AdmmBlock<Spec>& block, AdmmState<Spec>& vector,
                AdmmWires<Spec>& wires) {
#pragma HLS INLINE
  const auto c = admm_constants<Spec>(layer, block.index);
  if (layer == 0) {
  clear:
    for (int j = 0; j < Spec::columns; ++j) {
#pragma HLS UNROLL
      wires.product[j] = 0;
    }
  } else {
    column_pass<Spec::product_bits>(block.p, vector.difference, wires.product);
  }
columns:
  for (int j = 0; j < Spec::columns; ++j) {
#pragma HLS PIPELINE II = 1
    admm_column<Spec>(c, j, vector, wires);
  }
}

}  // namespace bitfold
