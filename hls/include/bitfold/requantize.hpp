// SPDX-License-Identifier: Apache-2.0
// requantize, the only lossy operation: round half up, then saturate symmetrically.
// Golden model: fixedpoint/numbers/requantize.py. In ap_fixed terms: AP_RND, AP_SAT_SYM.
#pragma once

#include "types.hpp"

namespace bitfold {

// min(max(q, -largest), largest) for the symmetric format of Target bits.
template <int Source, int Target>
constexpr Int<Target> saturate(Int<Source> q) {
  constexpr int wide = Source > Target ? Source : Target;
  const Int<wide> limit = largest<Target, wide>();
  const Int<wide> low = static_cast<Int<wide>>(-limit);
  const Int<wide> held = q;
  return static_cast<Int<Target>>(held > limit ? limit : held < low ? low : held);
}

// An input that its symmetric format does not allow (-128 on 8 bits) becomes the nearest allowed.
template <int Bits>
constexpr Int<Bits> clamp_symmetric(Int<Bits> q) {
  return saturate<Bits, Bits>(q);
}

// The width that holds q of Source bits inside a requantizer: with its rounding constant, or
// shifted left. fixedpoint/program/widths.py derives tighter ones from the largest |q|.
constexpr int work_bits(int source, int shift) {
  const int rounded = (shift > source ? shift : source) + 1;
  return shift > 0 ? rounded : source - shift;
}

// q / 2^Shift, rounded half up: (q + 2^(Shift-1)) >> Shift; q * 2^-Shift if Shift is negative.
//
// Work: a width that holds q + 2^(Shift-1), or q * 2^-Shift. From Shift = Work on, half of
// 2^Shift exceeds every |q|, so that the result is 0 and no rounding constant is needed.
template <int Shift, int Work>
constexpr Int<Work> shift_right_half_up(Int<Work> q) {
  if constexpr (Shift >= Work) {
    return 0;
  } else if constexpr (Shift > 0) {
    return static_cast<Int<Work>>((q + power_of_two<Work>(Shift - 1)) >> Shift);
  } else if constexpr (Shift == 0) {
    return q;
  } else {
    static_assert(-Shift < Work - 1, "Work does not hold a left shift by -Shift");
    return multiply<Work>(q, power_of_two<Work>(-Shift));
  }
}

// Drop Shift fractional bits (round half up), then saturate to Target bits.
template <int Shift, int Work, int Target>
constexpr Int<Target> requantize(Int<Work> q) {
  return saturate<Work, Target>(shift_right_half_up<Shift, Work>(q));
}

// The same to an unsigned format of Target bits: what is negative becomes 0.
template <int Shift, int Work, int Target>
constexpr UInt<Target> requantize_unsigned(Int<Work> q) {
  constexpr int wide = Work > Target + 2 ? Work : Target + 2;
  const Int<wide> limit = static_cast<Int<wide>>(power_of_two<wide>(Target) - 1);
  const Int<wide> zero = 0;
  const Int<wide> held = shift_right_half_up<Shift, Work>(q);
  return static_cast<UInt<Target>>(held > limit ? limit : held < zero ? zero : held);
}

// The same to a symmetric format, by a shift that is known at run time only. Work holds
// q + 2^(shift-1), or q * 2^-shift, for every shift that occurs.
template <int Work, int Target>
constexpr Int<Target> requantize_by(Int<Work> q, int shift) {
  if (shift > 0) {
    const Int<Work> raised = static_cast<Int<Work>>(q + power_of_two<Work>(shift - 1));
    return saturate<Work, Target>(static_cast<Int<Work>>(raised >> shift));
  }
  return saturate<Work, Target>(multiply<Work>(q, power_of_two<Work>(-shift)));
}

}  // namespace bitfold
