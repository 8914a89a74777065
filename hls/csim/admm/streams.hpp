// SPDX-License-Identifier: Apache-2.0
// The top function through its streams: against the golden file, on vectors with another SNR index
// than their block's, and on inputs that it must clamp.
// Golden model: fixedpoint/detectors/admm.py and fixedpoint/slicer.py.
#pragma once

#include "admm.hpp"
#include "block.hpp"

namespace bench {

using namespace bitfold::top;

// The top function with its counter of index errors, `errors` as the last call left it.
struct AdmmPorts {
  hls::stream<Row> rows{"rows"};
  hls::stream<Received> received{"received"};
  hls::stream<Detected> detected{"detected"};
  bitfold::IndexErrors errors = 0;

  void run() { admm(rows, received, detected, errors); }
  bool empty() const { return rows.empty() && received.empty() && detected.empty(); }
};

constexpr int kBeyond = (1 << Spec::index_bits) - 1;

// Every other vector of the first block names another SNR index: it is detected with the block's,
// so that the golden file's integers stand, comes out marked and is counted.
inline void compare_index(const VectorFile& file, const Inputs& in, Tally& tally) {
  DecisionCounts counts("index", file, tally);
  Count& index_count = tally.wire("index.index");
  Count& mark_count = tally.wire("index.mismatch");
  Count& error_count = tally.wire("index.errors");
  const std::int64_t block = in.index.values[0];
  AdmmPorts ports;
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
  for (std::size_t v = 0; v < in.vectors; ++v) {
    const Detected one = ports.detected.read();
    counts.check(v, one);
    index_count.check(v, 0, block, plain(one.index));
    mark_count.check(v, 0, v % 2 == 0, one.mismatch);
  }
  error_count.check(0, 0, expected, plain(ports.errors));
}

// The counter stays at its largest.
inline void compare_largest_count(const Inputs& in, Tally& tally) {
  Count& count = tally.wire("index.largest");
  bitfold::IndexErrors errors = 0xfffe;
  AdmmPorts ports;
  for (const int expected : {0xffff, 0xffff}) {
    write_rows(in, 0, ports);
    Received one = in.received(0);
    one.index = (in.index.values[0] + 1) % Spec::bank;
    one.last = true;
    ports.received.write(one);
    bitfold::admm_top<Spec>(ports.rows, ports.received, ports.detected, errors);
    count.check(0, 0, expected, plain(errors));
  }
}

// Integers that the symmetric formats do not allow (-128 on 8 bits; of P all that the wider format
// of F allows) and an SNR index beyond the bank give what the nearest allowed ones give, and no
// index error. One entry in each row and one of y are such: few enough not to saturate all that
// follows, which would hide a missing clamp. On the vectors of the first block.
inline void compare_clamped(const Inputs& in, Tally& tally) {
  const std::int64_t lowest = -plain(bitfold::largest<Spec::h_bits>()) - 1;
  const std::int64_t lowest_f = -plain(bitfold::largest<Spec::f_bits>());
  const std::int64_t lowest_p = -plain(bitfold::largest<Spec::p_bits>());
  const std::int64_t lowest_y = -plain(bitfold::largest<Spec::y_bits>());
  AdmmPorts wild, tame;
  for (int i = 0; i < host::rows_of(host::parts); ++i) {
    Row row = in.row(0, i);
    row.index = Spec::bank - 1;
    row.entry[i % Spec::columns] = i < Spec::rows ? lowest_f : lowest_p;
    tame.rows.write(row);
    row.index = kBeyond;
    row.entry[i % Spec::columns] = i < Spec::rows ? lowest : i % 2 == 0 ? lowest : lowest_p - 1;
    wild.rows.write(row);
  }
  for (std::size_t v = 0; v < in.vectors; ++v) {
    Received one = in.received(v);
    one.index = Spec::bank - 1;
    one.y[0] = lowest_y;
    tame.received.write(one);
    one.index = v % 2 == 0 ? kBeyond : Spec::bank - 1;
    one.y[0] = lowest_y - 1;
    wild.received.write(one);
  }
  tame.run();
  wild.run();

  Count& state = tally.wire("clamp.state");
  Count& code = tally.wire("clamp.code");
  Count& bits = tally.wire("clamp.bits");
  Count& index = tally.wire("clamp.index");
  Count& mark = tally.wire("clamp.mismatch");
  for (std::size_t v = 0; v < in.vectors; ++v) {
    const Detected expected = tame.detected.read(), clamped = wild.detected.read();
    for (std::size_t j = 0; j < kColumns; ++j) {
      state.check(v, j, plain(expected.state[j]), plain(clamped.state[j]));
      code.check(v, j, plain(expected.code[j]), plain(clamped.code[j]));
      bits.check(v, j, plain(expected.bits[j]), plain(clamped.bits[j]));
    }
    index.check(v, 0, Spec::bank - 1, plain(clamped.index));
    mark.check(v, 0, false, clamped.mismatch);
  }
}

inline void compare_tops(const VectorFile& file, const Inputs& in, Tally& tally) {
  AdmmPorts ports;
  compare_top(file, in, tally, ports);
  tally.wire("top.errors").check(0, 0, 0, plain(ports.errors));
  compare_index(file, in, tally);
  compare_largest_count(in, tally);
  compare_clamped(in, tally);
}

}  // namespace bench
