// The top function through its streams: against the golden file, and on inputs that it must clamp.
// Golden model: fixedpoint/pgd.py and fixedpoint/slicer.py.
#pragma once

#include "inputs.hpp"
#include "layers.hpp"
#include "pgd.hpp"
#include "tally.hpp"

namespace bench {

// The top function, a coherence block a call, through its streams.
inline void compare_top(const VectorFile& file, const Inputs& in, Tally& tally) {
  const Wire& state = last_layer(file, "state");
  const Wire& code = last_layer(file, "code");
  const Wire& bits = last_layer(file, "bits");
  Count& state_count = tally.wire("top.state");
  Count& code_count = tally.wire("top.code");
  Count& bits_count = tally.wire("top.bits");
  Count& last_count = tally.wire("top.last");
  hls::stream<Row> rows("rows");
  hls::stream<Received> received("received");
  hls::stream<Detected> detected("detected");
  for (std::size_t v = 0; v < in.total; ++v) {
    if (v % in.vectors == 0) {
      for (int i = 0; i < Spec::rows; ++i) {
        rows.write(in.row(v / in.vectors, i));
      }
    }
    received.write(in.received(v));
    if ((v + 1) % in.vectors != 0) {
      continue;
    }
    pgd(rows, received, detected);
    for (std::size_t b = v + 1 - in.vectors; b <= v; ++b) {
      const Detected one = detected.read();
      compare(state_count, state, b, one.state);
      compare(code_count, code, b, one.code);
      compare_bits(bits_count, bits, b, one.bits);
      last_count.check(b, 0, b == v, one.last);
    }
    if (!rows.empty() || !received.empty() || !detected.empty()) {
      fail("the top function left words in its streams");
    }
  }
}

// Integers that the symmetric formats do not allow (-128 on 8 bits) and an SNR index beyond the
// bank give what the nearest allowed ones give. One entry of H in each row and one of y are the
// lowest: few enough not to saturate all that follows, which would hide a missing clamp.
inline void compare_clamped(const Inputs& in, Tally& tally) {
  const bitfold::Int<Spec::h_bits> lowest_h = -bitfold::largest<Spec::h_bits>() - 1;
  const bitfold::Int<Spec::y_bits> lowest_y = -bitfold::largest<Spec::y_bits>() - 1;
  constexpr int beyond = (1 << Spec::index_bits) - 1;
  hls::stream<Row> rows("rows");
  hls::stream<Received> received("received");
  hls::stream<Detected> detected("detected");
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
    rows.write(row);
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
  received.write(one);
  pgd(rows, received, detected);

  bitfold::PgdCode<Spec> x;
  host::Wires wires;
  host::Words words;
  bitfold::pgd_layers<Spec>(h, y, Spec::bank - 1, x, wires);
  host::slice_all(wires, words);
  const Detected clamped = detected.read();
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
  compare_top(file, in, tally);
  compare_clamped(in, tally);
}

}  // namespace bench
