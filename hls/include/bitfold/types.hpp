// SPDX-License-Identifier: Apache-2.0
// Integers of a given width, from one source in two number types.
// Golden model: fixedpoint/numbers/format.py (symmetric formats) and fixedpoint/program/widths.py (derived widths).
//
// BITFOLD_AP_INT, the only switch, chooses ap_int (synthesis, csim); without it the smallest native
// integer that holds the width carries it, which computes the same as long as no wire can wrap:
// every width is derived from worst cases.
#pragma once

#ifdef BITFOLD_AP_INT
#include <ap_int.h>
#else
#include <cstdint>
#include <type_traits>
#endif

namespace bitfold {

#ifdef BITFOLD_AP_INT

template <int Bits>
using Int = ap_int<Bits>;

template <int Bits>
using UInt = ap_uint<Bits>;

// What a multiplier takes.
template <int Bits>
using Operand = ap_int<Bits>;

// a * b, exact. Product: a width that holds it.
template <int Product, class A, class B>
constexpr Int<Product> multiply(A a, B b) {
  return a * b;
}

#else

template <int Bits>
struct Carrier {
  static_assert(Bits >= 1 && Bits <= 64, "a native integer carries 1 to 64 bits");
  template <class I8, class I16, class I32, class I64>
  using Smallest = std::conditional_t<
      Bits <= 8, I8,
      std::conditional_t<Bits <= 16, I16, std::conditional_t<Bits <= 32, I32, I64>>>;
  using Signed = Smallest<std::int8_t, std::int16_t, std::int32_t, std::int64_t>;
  using Unsigned = Smallest<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>;
};

template <int Bits>
using Int = typename Carrier<Bits>::Signed;

template <int Bits>
using UInt = typename Carrier<Bits>::Unsigned;

// What a multiplier takes: at least 16 bits, because vector units multiply and add pairs of those.
template <int Bits>
using Operand = Int<(Bits < 16 ? 16 : Bits)>;

// a * b, exact. Product: a width that holds it.
template <int Product, class A, class B>
constexpr Int<Product> multiply(A a, B b) {
  return static_cast<Int<Product>>(static_cast<Int<Product>>(a) * static_cast<Int<Product>>(b));
}

#endif

// 2^exponent in a width that holds it: the factor that replaces a left shift, which a negative
// native integer may not take.
template <int Bits>
constexpr Int<Bits> power_of_two(int exponent) {
  return static_cast<Int<Bits>>(static_cast<Int<Bits>>(1) << exponent);
}

// The largest integer of a symmetric signed format, 2^(Bits-1) - 1, in a width that holds it.
template <int Bits, int Carried = Bits>
constexpr Int<Carried> largest() {
  static_assert(Bits >= 2, "a signed format has a sign and at least one bit more");
  static_assert(Carried >= Bits, "the carrier is narrower than the format");
  const Int<Carried> half = power_of_two<Carried>(Bits - 2);
  return static_cast<Int<Carried>>(half - 1 + half);
}

}  // namespace bitfold
