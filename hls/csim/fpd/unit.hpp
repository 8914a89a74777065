// SPDX-License-Identifier: Apache-2.0
// The wires of FPD-Net's columns, and its top functions.
// Golden model: fixedpoint/detectors/fpd.py.
#pragma once

#include <string>

#include "fpd.hpp"
#include "units.hpp"

namespace host {

using Unit = bitfold::Fpd<Spec>;
using UnitWires = bitfold::UnitWires<Unit>;

inline constexpr auto detector_top = fpd;
inline constexpr auto unit_top = fpd_unit;

template <class Visit>
void trace_columns(const UnitWires (&units)[Spec::units], Visit& visit) {
  const auto each = [&](const char* name, const char* format, auto wire) {
    each_unit(visit, name, format, units,
              [wire](const UnitWires& unit) -> const auto& { return unit.columns.*wire; });
  };
  using Columns = Unit::Columns;
  each("b", Spec::b_format, &Columns::b);
  each("quartic", Spec::quartic_format, &Columns::quartic);
  each("p", Spec::p_format, &Columns::p);
  each("gaussian", Spec::gaussian_format, &Columns::gaussian);
  each("d", Spec::d_format, &Columns::d);
  each("cosine", Spec::cosine_format, &Columns::cosine);
}

// The wires of the hyper-network, if the spec has one. `Numbers` is Spec.
template <class Numbers, class Visit>
void trace_prepared(const bitfold::UnitVector<Unit> (&vectors)[Spec::units], Visit& visit) {
  if constexpr (Numbers::hyper) {
    const auto each = [&](const char* name, const char* format, auto wire) {
      each_unit(visit, name, format, vectors,
                [wire](const auto& vector) -> const auto& { return vector.theta.*wire; });
    };
    using Wires = bitfold::HyperWires<Numbers>;
    visit.layer("hyper");
    each("conv1", Numbers::hyper_conv1_format, &Wires::conv1);
    each("conv2", Numbers::hyper_conv2_format, &Wires::conv2);
    each("dense1", Numbers::hyper_dense1_format, &Wires::dense1);
    each("dense2", Numbers::hyper_dense2_format, &Wires::dense2);
    each("step", Numbers::hyper_step_format, &Wires::step);
    each("quartic_scale", Numbers::hyper_quartic_scale_format, &Wires::quartic_scale);
    each("quartic_step", Numbers::hyper_quartic_step_format, &Wires::quartic_step);
    each("gaussian_scale", Numbers::hyper_gaussian_scale_format, &Wires::gaussian_scale);
    each("gaussian_step", Numbers::hyper_gaussian_step_format, &Wires::gaussian_step);
    each("cosine_step", Numbers::hyper_cosine_step_format, &Wires::cosine_step);
    each("phi", Numbers::hyper_phi_format, &Wires::phi);
  }
}

// Whether a layer's name is that of the network, which comes before layer 1.
inline bool is_prepared(const std::string& layer) { return Spec::hyper && layer == "hyper"; }

}  // namespace host
