// SPDX-License-Identifier: Apache-2.0
// For library.cpp: HPD's top, and the traced wires of its units' columns.
#pragma once

#include "Vhpd_top.h"
#include "library_distributed.hpp"

using Top = Vhpd_top;
constexpr bool kHasTheta = false;

template <class Record>
void column_wires(const Top& top, Record record) {
  record(top.trace_column_gradient, BITFOLD_GRADIENT_BITS, true);
  record(top.trace_column_pull, BITFOLD_PULL_BITS, true);
  record(top.trace_column_estimate, BITFOLD_ESTIMATE_BITS, true);
}
