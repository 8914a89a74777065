// SPDX-License-Identifier: Apache-2.0
// The wires of HPD's columns, and its top functions.
// Golden model: fixedpoint/detectors/hpd.py.
#pragma once

#include <string>

#include "hpd.hpp"
#include "units.hpp"

namespace host {

using Unit = bitfold::Hpd<Spec>;
using UnitWires = bitfold::UnitWires<Unit>;

inline constexpr auto detector_top = hpd;
inline constexpr auto unit_top = hpd_unit;

// The pull is the same in every unit: that of the first one is shown.
template <class Visit>
void trace_columns(const UnitWires (&units)[Spec::units], Visit& visit) {
  visit("pull", Spec::pull_format, units[0].columns.pull);
}

// A unit prepares nothing before its layers but copies of constants.
template <class Numbers, class Visit>
void trace_prepared(const bitfold::UnitVector<Unit> (&)[Spec::units], Visit&) {}

inline bool is_prepared(const std::string&) { return false; }

}  // namespace host
