// SPDX-License-Identifier: Apache-2.0
// Which entry of a bank of constants serves an SNR index.
// Golden model: fixedpoint/numbers/bank.py; fixedpoint/receivers/inputs.py refuses what is clamped here.
#pragma once

#include "types.hpp"

namespace bitfold {

// The entry of the bank for an SNR index: one beyond the bank takes the last.
template <class Spec>
constexpr int bank_entry(UInt<Spec::index_bits> index) {
  const int asked = static_cast<int>(index);
  return asked < Spec::bank ? asked : Spec::bank - 1;
}

// The constant of the layer before layer k, 0 in the first layer.
template <int Bits, class Number, int Layers, int Entries>
constexpr Int<Bits> before(const Number (&bank)[Layers][Entries], int k, int entry) {
  return k == 0 ? Number(0) : bank[k - 1][entry];
}

}  // namespace bitfold
