// SPDX-License-Identifier: Apache-2.0
// The top function of a single receiver: against the golden file, and on inputs that it must clamp.
// Golden model: fixedpoint/receivers/family.py, run, and fixedpoint/numbers/slicer.py.
#pragma once

#include "ports.hpp"

namespace bench {

// Integers that the symmetric formats do not allow (-128 on 8 bits) and an SNR index beyond the
// bank give what the nearest allowed ones give. One entry of a matrix in each row and one of y are
// such: few enough not to saturate all that follows, which would hide a missing clamp. On the
// vectors of the first block.
inline void compare_clamped(const Inputs& in, Tally& tally) {
  DetectorPorts wild, tame;
  int i = 0;
  for (const bitfold::MatrixPart& part : Detector::parts) {
    const std::int64_t lowest = lowest_of(bits_of(part.format));
    for (int r = 0; r < part.rows; ++r, ++i) {
      Row row = in.row(0, i);
      row.entry[r % Spec::columns] = lowest;
      tame.rows.write(row);
      row.entry[r % Spec::columns] = r % 2 == 0 ? lowest - 1 : lowest_of(Spec::entry_bits) - 1;
      wild.rows.write(row);
    }
  }
  for (std::size_t v = 0; v < in.vectors; ++v) {
    Received one = in.received(v);
    one.index = Spec::bank - 1;
    one.y[0] = sample_ends().allowed;
    tame.received.write(one);
    one.index = kBeyond;
    one.y[0] = sample_ends().beyond;
    wild.received.write(one);
  }
  tame.run();
  wild.run();
  Same same("clamp", tally);
  for (std::size_t v = 0; v < in.vectors; ++v) {
    const Detected expected = tame.detected.read();
    same.check(v, plain_of(expected), plain_of(wild.detected.read()));
  }
}

inline void compare_tops(const VectorFile& file, const Inputs& in, Tally& tally) {
  DetectorPorts ports;
  compare_top(file, in, tally, ports);
  compare_clamped(in, tally);
}

}  // namespace bench
