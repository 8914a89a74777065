// SPDX-License-Identifier: Apache-2.0
// For library.cpp: what the tops of HPD and FPD-Net have in common, in the order of verification/traced.py.
#pragma once

#include "library_signals.hpp"

constexpr bool kHasFusion = true, kHasFront = false, kHasBlockIndex = false;
constexpr Field kOutputs[] = {{BITFOLD_STATE_BITS, true}, {BITFOLD_BITS_BITS, false}};

template <class Top, class Record>
void row_wires(const Top& top, Record record) {
  record(top.trace_row_accumulator, BITFOLD_ACCUMULATOR_BITS, true);
  record(top.trace_row_residual, BITFOLD_RESIDUAL_BITS, true);
}

template <class Top, class Record>
void fusion_wires(const Top& top, Record record) {
  record(top.trace_fusion_state, BITFOLD_STATE_BITS, true);
  record(top.trace_fusion_extrapolated, BITFOLD_EXTRAPOLATED_BITS, true);
  record(top.trace_fusion_bits, BITFOLD_BITS_BITS, false);
}
