// SPDX-License-Identifier: Apache-2.0
// For library.cpp: PGD-Net's top, its traced wires in the order of verification/traced.py, its output.
#pragma once

#include "Vpgd_top.h"
#include "library_signals.hpp"

using Top = Vpgd_top;
constexpr bool kHasFusion = false, kHasTheta = false, kHasFront = false, kHasBlockIndex = false;
constexpr Field kOutputs[] = {
    {BITFOLD_STATE_BITS, true}, {BITFOLD_CODE_BITS, true}, {BITFOLD_BITS_BITS, false}};

template <class Record>
void row_wires(const Top& top, Record record) {
  record(top.trace_row_accumulator, BITFOLD_ACCUMULATOR_BITS, true);
  record(top.trace_row_residual, BITFOLD_RESIDUAL_BITS, true);
}

template <class Record>
void column_wires(const Top& top, Record record) {
  record(top.trace_column_gradient, BITFOLD_GRADIENT_BITS, true);
  record(top.trace_column_update, BITFOLD_UPDATE_BITS, true);
  record(top.trace_column_state, BITFOLD_STATE_BITS, true);
  record(top.trace_column_code, BITFOLD_CODE_BITS, true);
  record(top.trace_column_bits, BITFOLD_BITS_BITS, false);
}
