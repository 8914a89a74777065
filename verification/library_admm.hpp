// SPDX-License-Identifier: Apache-2.0
// For library.cpp: ADMM-Net's top, its traced wires in the order of verification/traced.py, its output.
#pragma once

#include "Vadmm_top.h"
#include "library_signals.hpp"

using Top = Vadmm_top;
constexpr bool kHasFusion = false, kHasTheta = false, kHasFront = true, kHasBlockIndex = true;
constexpr Field kOutputs[] = {
    {BITFOLD_STATE_BITS, true}, {BITFOLD_CODE_BITS, true}, {BITFOLD_BITS_BITS, false}};

template <class Record>
void front_wires(const Top& top, Record record) {
  record(top.trace_front_filtered, BITFOLD_FRONT_FILTERED_BITS, true);
  record(top.trace_front_estimate, BITFOLD_FRONT_ESTIMATE_BITS, true);
}

template <class Record>
void column_wires(const Top& top, Record record) {
  record(top.trace_column_product, BITFOLD_PRODUCT_BITS, true);
  record(top.trace_column_estimate, BITFOLD_ESTIMATE_BITS, true);
  record(top.trace_column_relaxed, BITFOLD_RELAXED_BITS, true);
  record(top.trace_column_update, BITFOLD_UPDATE_BITS, true);
  record(top.trace_column_state, BITFOLD_STATE_BITS, true);
  record(top.trace_column_code, BITFOLD_CODE_BITS, true);
  record(top.trace_column_decoded, BITFOLD_DECODED_BITS, true);
  record(top.trace_column_dual, BITFOLD_DUAL_BITS, true);
  record(top.trace_column_difference, BITFOLD_DIFFERENCE_BITS, true);
  record(top.trace_column_bits, BITFOLD_BITS_BITS, false);
}
