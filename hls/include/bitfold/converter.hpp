// SPDX-License-Identifier: Apache-2.0
// What received samples are: levels, or codes of few bits with the cells that they stand for.
// Golden model: fixedpoint/receivers/receiver.py, samples; fixedpoint/numbers/few_bit.py. fixedpoint/receivers/inputs.py refuses
// what is clamped here.
#pragma once

#include <type_traits>

#include "requantize.hpp"
#include "types.hpp"

namespace bitfold {

// As a sample comes: a level, or a byte a code.
template <class Spec>
using Sample = std::conditional_t<Spec::coded, UInt<8>, Int<Spec::y_bits>>;

// A code beyond the converter's range becomes the largest.
template <class Spec>
constexpr UInt<Spec::y_bits> clamp_code(UInt<8> code) {
  constexpr int largest_code = (1 << Spec::y_bits) - 1;
  const int asked = static_cast<int>(code);
  return static_cast<UInt<Spec::y_bits>>(asked < largest_code ? asked : largest_code);
}

// Received samples, within their format.
template <class Spec, class Held, int Rows>
void clamp_samples(const Sample<Spec> (&received)[Rows], Held (&y)[Rows]) {
#pragma HLS INLINE
samples:
  for (int i = 0; i < Rows; ++i) {
#pragma HLS UNROLL
    if constexpr (Spec::coded) {
      y[i] = clamp_code<Spec>(received[i]);
    } else {
      y[i] = clamp_symmetric<Spec::y_bits>(received[i]);
    }
  }
}

// The thresholds around each code at an SNR entry. An open side has none: it repeats the other one.
template <class Spec, class Code, class Threshold, int Rows>
void cells(const Code (&codes)[Rows], int entry, Threshold (&low)[Rows], Threshold (&up)[Rows]) {
#pragma HLS INLINE
  constexpr int last = (1 << Spec::y_bits) - 1;
  const auto& thresholds = Spec::thresholds[entry];
rows:
  for (int i = 0; i < Rows; ++i) {
#pragma HLS UNROLL
    const int code = static_cast<int>(codes[i]);
    low[i] = thresholds[code == 0 ? 0 : code - 1];
    up[i] = thresholds[code == last ? last - 1 : code];
  }
}

}  // namespace bitfold
