// SPDX-License-Identifier: Apache-2.0
// The matrices that a coherence block brings, one below the other, `columns` entries a row.
// Golden model: fixedpoint/detector_spec.py, MatrixPart.
#pragma once

#include <cstddef>

namespace host {

// One of them, as a golden vector file names it.
struct Part {
  const char* name;
  const char* format;
  int rows;
};

// The rows of all of them together.
template <std::size_t Parts>
constexpr int rows_of(const Part (&parts)[Parts]) {
  int rows = 0;
  for (const Part& part : parts) {
    rows += part.rows;
  }
  return rows;
}

}  // namespace host
