// SPDX-License-Identifier: Apache-2.0
// For library.cpp: FPD-Net's top, and the traced wires of its units' columns.
#pragma once

#include "Vfpd_top.h"
#include "library_distributed.hpp"

using Top = Vfpd_top;
constexpr bool kHasTheta = true;

template <class Record>
void column_wires(const Top& top, Record record) {
  record(top.trace_column_gradient, BITFOLD_GRADIENT_BITS, true);
  record(top.trace_column_b, BITFOLD_B_BITS, true);
  record(top.trace_column_quartic, BITFOLD_QUARTIC_BITS, true);
  record(top.trace_column_p, BITFOLD_P_BITS, true);
  record(top.trace_column_gaussian, BITFOLD_GAUSSIAN_BITS, true);
  record(top.trace_column_d, BITFOLD_D_BITS, true);
  record(top.trace_column_cosine, BITFOLD_COSINE_BITS, true);
  record(top.trace_column_estimate, BITFOLD_ESTIMATE_BITS, true);
}
