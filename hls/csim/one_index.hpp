// SPDX-License-Identifier: Apache-2.0
// The top function of a receiver whose blocks have one SNR: against the golden file, on vectors with
// another SNR index than their block's, and on inputs that it must clamp.
// Golden model: fixedpoint/receivers/family.py, run, and fixedpoint/numbers/slicer.py.
#pragma once

#include "ports.hpp"

namespace bench {

// Every other vector of the first block names another SNR index: it is detected with the block's,
// so that the golden file's integers stand, comes out marked and is counted.
inline void compare_index(const VectorFile& file, const Inputs& in, Tally& tally) {
  const std::int64_t block = in.index.values[0];
  DetectorPorts ports;
  write_rows(in, 0, ports);
  std::int64_t expected = 0;
  for (std::size_t v = 0; v < in.vectors; ++v) {
    Received one = in.received(v);
    if (v % 2 == 0) {
      one.index = (block + 1) % Spec::bank;
      ++expected;
    }
    ports.received.write(one);
  }
  ports.run();
  Decisions decisions("index", file, tally);
  std::vector<Detected> found;
  for (std::size_t v = 0; v < in.vectors; ++v) {
    found.push_back(ports.detected.read());
    decisions.check(v, found.back());
  }
  Count& index_count = tally.wire("index.index");
  Count& mark_count = tally.wire("index.mismatch");
  for (std::size_t v = 0; v < in.vectors; ++v) {
    index_count.check(v, 0, block, plain(found[v].index));
    mark_count.check(v, 0, v % 2 == 0, found[v].mismatch);
  }
  tally.wire("index.errors").check(0, 0, expected, plain(ports.errors));
}

// The counter stays at its largest.
inline void compare_largest_count(const Inputs& in, Tally& tally) {
  Count& count = tally.wire("index.largest");
  bitfold::IndexErrors errors = 0xfffe;
  DetectorPorts ports;
  bitfold::Block block;
  for (const int expected : {0xffff, 0xffff}) {
    write_rows(in, 0, ports);
    Received one = in.received(0);
    one.index = (in.index.values[0] + 1) % Spec::bank;
    one.last = true;
    ports.received.write(one);
    bitfold::serve_one_index<Detector>(block, ports.rows, ports.received, ports.detected,
                                                errors);
    count.check(0, 0, expected, plain(errors));
  }
}

// Integers that the symmetric formats do not allow (-128 on 8 bits; of a narrower matrix all that
// the widest one's format allows) and an SNR index beyond the bank give what the nearest allowed
// ones give, and no index error. One entry in each row and one of y are such: few enough not to
// saturate all that follows, which would hide a missing clamp. On the vectors of the first block.
inline void compare_clamped(const Inputs& in, Tally& tally) {
  DetectorPorts wild, tame;
  int i = 0;
  for (const bitfold::MatrixPart& part : Detector::parts) {
    const std::int64_t lowest = lowest_of(bits_of(part.format));
    for (int r = 0; r < part.rows; ++r, ++i) {
      Row row = in.row(0, i);
      row.index = Spec::bank - 1;
      row.entry[r % Spec::columns] = lowest;
      tame.rows.write(row);
      row.index = kBeyond;
      row.entry[r % Spec::columns] = r % 2 == 0 ? lowest_of(Spec::entry_bits) - 1 : lowest - 1;
      wild.rows.write(row);
    }
  }
  for (std::size_t v = 0; v < in.vectors; ++v) {
    Received one = in.received(v);
    one.index = Spec::bank - 1;
    one.y[0] = sample_ends().allowed;
    tame.received.write(one);
    one.index = v % 2 == 0 ? kBeyond : Spec::bank - 1;
    one.y[0] = sample_ends().beyond;
    wild.received.write(one);
  }
  tame.run();
  wild.run();
  Same same("clamp", tally);
  std::vector<Detected> found;
  for (std::size_t v = 0; v < in.vectors; ++v) {
    const Detected expected = tame.detected.read();
    found.push_back(wild.detected.read());
    same.check(v, plain_of(expected), plain_of(found.back()));
  }
  Count& index = tally.wire("clamp.index");
  Count& mark = tally.wire("clamp.mismatch");
  for (std::size_t v = 0; v < in.vectors; ++v) {
    index.check(v, 0, Spec::bank - 1, plain(found[v].index));
    mark.check(v, 0, false, found[v].mismatch);
  }
}

inline void compare_tops(const VectorFile& file, const Inputs& in, Tally& tally) {
  DetectorPorts ports;
  compare_top(file, in, tally, ports);
  tally.wire("top.errors").check(0, 0, 0, plain(ports.errors));
  compare_index(file, in, tally);
  compare_largest_count(in, tally);
  compare_clamped(in, tally);
}

}  // namespace bench
