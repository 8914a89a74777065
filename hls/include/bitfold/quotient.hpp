// SPDX-License-Identifier: Apache-2.0
// A quotient by a table of reciprocals.
// Golden model: fixedpoint/program/views/golden.py, Quotient.
#pragma once

#include "lookup.hpp"
#include "requantize.hpp"

namespace bitfold {

// numerator / denominator, 0 < denominator < 2^(Top + 1), rounded once.
//
// With its leading bit on top the denominator is a mantissa 1 + t: t addresses the table of
// reciprocals, Address its shift there, and the bit's place joins Shift. Work holds the product with
// its rounding constant, or shifted left, for every place.
template <class Table, int Top, int Address, int Shift, int Work, int Target, class Numerator,
          class Denominator>
Int<Target> quotient(Numerator numerator, Denominator denominator) {
#pragma HLS INLINE
  constexpr int wide = Top + 2;
  constexpr int address_work = work_bits(wide, Address);
  const Int<wide> q = denominator;
  int place = 0;
leading:
  for (int e = 1; e <= Top; ++e) {
#pragma HLS UNROLL
    place = q >= power_of_two<wide>(e) ? e : place;
  }
  const auto mantissa = multiply<wide>(q, power_of_two<wide>(Top - place));
  const Int<wide> fraction = static_cast<Int<wide>>(mantissa - power_of_two<wide>(Top));
  const auto reciprocal = lookup<Table, Address, address_work>(fraction, Table::values);
  return requantize_by<Work, Target>(multiply<Work>(numerator, reciprocal), Shift + place);
}

}  // namespace bitfold
