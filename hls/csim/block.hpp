// SPDX-License-Identifier: Apache-2.0
// The top function of a detector that decides states and codes, through its streams, against the
// golden file. Golden model: fixedpoint/family.py, run, and fixedpoint/slicer.py.
#pragma once

#include "inputs.hpp"
#include "layers.hpp"
#include "tally.hpp"

namespace bench {

// What a top function decided of one vector.
struct DecisionCounts {
  DecisionCounts(const std::string& prefix, const VectorFile& file, Tally& tally)
      : state(last_layer(file, "state")),
        code(last_layer(file, "code")),
        bits(last_layer(file, "bits")),
        state_count(tally.wire(prefix + ".state")),
        code_count(tally.wire(prefix + ".code")),
        bits_count(tally.wire(prefix + ".bits")) {}

  template <class Detected>
  void check(std::size_t vector, const Detected& one) {
    compare(state_count, state, vector, one.state);
    compare(code_count, code, vector, one.code);
    compare_bits(bits_count, bits, vector, one.bits);
  }

  const Wire& state;
  const Wire& code;
  const Wire& bits;
  Count& state_count;
  Count& code_count;
  Count& bits_count;
};

template <class Ports>
void write_rows(const Inputs& in, std::size_t block, Ports& ports) {
  for (int i = 0; i < host::rows_of(host::parts); ++i) {
    ports.rows.write(in.row(block, i));
  }
}

// The top function, a coherence block a call. `Ports` holds its streams and calls it: run().
template <class Ports>
void compare_top(const VectorFile& file, const Inputs& in, Tally& tally, Ports& ports) {
  DecisionCounts counts("top", file, tally);
  Count& last_count = tally.wire("top.last");
  for (std::size_t v = 0; v < in.total; ++v) {
    if (v % in.vectors == 0) {
      write_rows(in, v / in.vectors, ports);
    }
    ports.received.write(in.received(v));
    if ((v + 1) % in.vectors != 0) {
      continue;
    }
    ports.run();
    for (std::size_t b = v + 1 - in.vectors; b <= v; ++b) {
      const auto one = ports.detected.read();
      counts.check(b, one);
      last_count.check(b, 0, b == v, one.last);
    }
    if (!ports.empty()) {
      fail("the top function left words in its streams");
    }
  }
}

}  // namespace bench
