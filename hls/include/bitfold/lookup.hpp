// SPDX-License-Identifier: Apache-2.0
// A table of integers in place of a non-linear function.
// Golden model: fixedpoint/numbers/lookup.py. `Table` is a struct of numbers that hls.emit prints.
#pragma once

#include "requantize.hpp"

namespace bitfold {

// The place of an argument in a table: requantized to the address, lowest first. What lies beyond
// the table takes its nearest end.
//
// Work holds the argument with its rounding constant, or shifted left.
template <class Table, int Shift, int Work>
constexpr int table_index(Int<Work> argument) {
  constexpr int wide = Work > Table::address_bits + 1 ? Work : Table::address_bits + 1;
  const Int<wide> rounded = shift_right_half_up<Shift, Work>(argument);
  const Int<wide> lowest = Table::lowest;
  const Int<wide> highest = Table::lowest + Table::entries - 1;
  const Int<wide> held = rounded > highest ? highest : rounded < lowest ? lowest : rounded;
  return static_cast<int>(held) - Table::lowest;
}

// The entry of `values`, those of one table, at an argument.
template <class Table, int Shift, int Work, class Entry, int Entries>
constexpr Int<Table::output_bits> lookup(Int<Work> argument, const Entry (&values)[Entries]) {
  static_assert(Entries == Table::entries, "a table has one entry for each address");
  return static_cast<Int<Table::output_bits>>(values[table_index<Table, Shift, Work>(argument)]);
}

}  // namespace bitfold
