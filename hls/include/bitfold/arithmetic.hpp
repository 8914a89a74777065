// SPDX-License-Identifier: Apache-2.0
// The exact operations of a program on integers whose widths hold every result.
// Golden model: fixedpoint/program/views/golden.py.
#pragma once

#include <cstddef>

#include "types.hpp"

namespace bitfold {

// q * 2^Left in a width that holds it.
template <int Work, int Left, class Term>
constexpr Int<Work> raised(Term q) {
  if constexpr (Left == 0) {
    return q;
  } else {
    return multiply<Work>(q, power_of_two<Work>(Left));
  }
}

// The sum of terms q * 2^Left, one Left a term. Work: a width that holds each term, and the sum.
template <int Work, int... Left, class... Terms>
constexpr Int<Work> sum(Terms... terms) {
  static_assert(sizeof...(Terms) == sizeof...(Left), "a sum has a left shift for each term");
  Int<Work> total = 0;
  ((total = static_cast<Int<Work>>(total + raised<Work, Left>(terms))), ...);
  return total;
}

// -q.
template <int Bits, class Number>
constexpr Int<Bits> negated(Number q) {
  const Int<Bits> held = q;
  return static_cast<Int<Bits>>(-held);
}

// q, of which the definition knows that Bits hold it.
template <int Bits, class Number>
constexpr Int<Bits> within(Number q) {
  return static_cast<Int<Bits>>(q);
}

// `then` where a code is `equals`, else `otherwise`.
template <int Bits, class Code, class Then, class Otherwise>
constexpr Int<Bits> choose(Code code, int equals, Then then, Otherwise otherwise) {
  const Int<Bits> chosen = then;
  const Int<Bits> other = otherwise;
  return code == equals ? chosen : other;
}

// Zeros.
template <class Number, std::size_t Size>
void clear(Number (&array)[Size]) {
#pragma HLS INLINE
entries:
  for (std::size_t i = 0; i < Size; ++i) {
#pragma HLS UNROLL
    array[i] = 0;
  }
}

}  // namespace bitfold
