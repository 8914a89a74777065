// SPDX-License-Identifier: Apache-2.0
// The top function through its streams: against the golden file, and on inputs that it must clamp.
// Golden model: fixedpoint/detectors/pgd.py and fixedpoint/slicer.py.
#pragma once

#include "block.hpp"
#include "pgd.hpp"

namespace bench {

using namespace bitfold::top;

// The streams of the top function.
struct PgdPorts {
  hls::stream<Row> rows{"rows"};
  hls::stream<Received> received{"received"};
  hls::stream<Detected> detected{"detected"};

  void run() { pgd(rows, received, detected); }
  bool empty() const { return rows.empty() && received.empty() && detected.empty(); }
};

// Integers that the symmetric formats do not allow (-128 on 8 bits) and an SNR index beyond the
// bank give what the nearest allowed ones give. One entry of H in each row and one of y are the
// lowest: few enough not to saturate all that follows, which would hide a missing clamp.
inline void compare_clamped(const Inputs& in, Tally& tally) {
  const bitfold::Int<Spec::h_bits> lowest_h = -bitfold::largest<Spec::h_bits>() - 1;
  const bitfold::Int<Spec::y_bits> lowest_y = -bitfold::largest<Spec::y_bits>() - 1;
  constexpr int beyond = (1 << Spec::index_bits) - 1;
  PgdPorts ports;
  host::Channel h;
  for (int i = 0; i < Spec::rows; ++i) {
    Row row = in.row(0, i);
    for (int j = 0; j < Spec::columns; ++j) {
      const bool lowest = j == i % Spec::columns;
      h[i][j] = row.entry[j];
      if (lowest) {
        h[i][j] = -bitfold::largest<Spec::h_bits>();
        row.entry[j] = lowest_h;
      }
    }
    ports.rows.write(row);
  }
  Received one = in.received(0);
  bitfold::PgdReceived<Spec> y;
  for (int i = 0; i < Spec::rows; ++i) {
    y[i] = one.y[i];
  }
  y[0] = -bitfold::largest<Spec::y_bits>();
  one.y[0] = lowest_y;
  one.index = beyond;
  one.last = true;
  ports.received.write(one);
  ports.run();

  bitfold::PgdCode<Spec> x;
  host::Wires wires;
  host::Words words;
  bitfold::pgd_layers<Spec>(h, y, Spec::bank - 1, x, wires);
  bitfold::slice_all<Spec>(wires.state, words);
  const Detected clamped = ports.detected.read();
  Count& state = tally.wire("clamp.state");
  Count& code = tally.wire("clamp.code");
  Count& bits = tally.wire("clamp.bits");
  for (std::size_t j = 0; j < kColumns; ++j) {
    state.check(0, j, plain(wires.state[j]), plain(clamped.state[j]));
    code.check(0, j, plain(x[j]), plain(clamped.code[j]));
    bits.check(0, j, plain(words[j]), plain(clamped.bits[j]));
  }
}

inline void compare_tops(const VectorFile& file, const Inputs& in, Tally& tally) {
  PgdPorts ports;
  compare_top(file, in, tally, ports);
  compare_clamped(in, tally);
}

}  // namespace bench
