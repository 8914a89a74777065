// SPDX-License-Identifier: Apache-2.0
// The wires of all units of a layer as one array.
// Golden model: fixedpoint/detectors/units.py, whose wires of units are (G, B, C, ...).
#pragma once

#include <cstddef>
#include <type_traits>

#include "bitfold/distributed_top.hpp"
#include "bitfold_spec.hpp"

namespace host {

using bitfold::Spec;

// Shows get(unit), an array, of all units to `visit` as [units][size].
template <class Visit, class Wires, class Get>
void each_unit(Visit& visit, const char* name, const char* format,
               const Wires (&units)[Spec::units], Get get) {
  using Row = std::remove_reference_t<decltype(get(units[0]))>;
  constexpr std::size_t size = std::extent_v<Row>;
  std::remove_cv_t<std::remove_extent_t<Row>> all[Spec::units][size];
  for (std::size_t c = 0; c < Spec::units; ++c) {
    for (std::size_t i = 0; i < size; ++i) {
      all[c][i] = get(units[c])[i];
    }
  }
  visit(name, format, all);
}

}  // namespace host
