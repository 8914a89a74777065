// SPDX-License-Identifier: Apache-2.0
// PGD-Net as test bench and library call it: plain integers in, every wire out to a visitor.
// Golden model: fixedpoint/detectors/pgd.py.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "bitfold/pgd_top.hpp"
#include "bitfold_spec.hpp"
#include "parts.hpp"

namespace host {

using bitfold::Spec;
using Channel = bitfold::PgdMatrix<Spec>;
using Row = bitfold::ChannelRow<Spec>;
using Index = bitfold::UInt<Spec::index_bits>;
using Received = bitfold::ReceivedVector<Spec>;
using Detected = bitfold::DetectedVector<Spec>;
using Wires = bitfold::PgdWires<Spec>;
using Words = bitfold::UInt<Spec::symbol_bits>[Spec::columns];
using Sample = bitfold::Int<Spec::y_bits>;

inline constexpr Part parts[] = {{"h", Spec::h_format, Spec::rows}};
inline constexpr bool one_index_a_block = false;

// H serves vectors of any SNR index: its rows bring none.
inline Row row_at(Index) { return Row(); }

// H by entry(i, j), clamped.
template <class Entry>
void fill(Channel& h, Entry entry, Index) {
  for (int i = 0; i < Spec::rows; ++i) {
    for (int j = 0; j < Spec::columns; ++j) {
      h[i][j] = bitfold::clamp_entry<Spec, Spec::h_bits>(entry(i, j));
    }
  }
}

// A received vector by sample(i), as it comes.
template <class Sampled>
Received receive(Sampled sample, Index index, bool last) {
  Received received;
  for (int i = 0; i < Spec::rows; ++i) {
    received.y[i] = sample(i);
  }
  received.index = index;
  received.last = last;
  return received;
}

inline Detected detect(const Channel& h, const Received& received) {
  return bitfold::pgd_detect<Spec>(h, received);
}

// Shows each wire of layers 1 ... depth to `visit`, in the order of the golden model.
template <class Visit>
void trace(const Channel& h, const Received& received, int depth, Visit& visit) {
  bitfold::PgdReceived<Spec> y;
  bitfold::clamp_received<Spec>(received, y);
  bitfold::PgdCode<Spec> x;
  for (auto& code : x) {
    code = 0;
  }
  for (int k = 0; k < depth; ++k) {
    Wires wires;
    Words words;
    bitfold::pgd_layer<Spec>(h, y, bitfold::pgd_constants<Spec>(k, received.index), x, wires);
    bitfold::slice_all<Spec>(wires.state, words);
    visit.layer(Spec::detector + std::to_string(k + 1));
    visit("accumulator", Spec::accumulator_format, wires.accumulator);
    visit("residual", Spec::residual_format, wires.residual);
    visit("gradient", Spec::gradient_format, wires.gradient);
    visit("update", Spec::update_format, wires.update);
    visit("state", Spec::state_format, wires.state);
    visit("code", Spec::code_format, x);
    visit.bits("bits", Spec::bits_format, words);
  }
}

// How many layers `trace` runs for a layer's name; none if the name is unknown.
inline std::optional<int> depth_of(const std::string& layer) {
  for (int k = 1; k <= Spec::layers; ++k) {
    if (layer == Spec::detector + std::to_string(k)) {
      return k;
    }
  }
  return layer == "slicer" ? std::optional<int>(Spec::layers) : std::nullopt;
}

// The arrays of the library's results, (vectors, columns) each.
struct Outputs {
  bitfold::Int<Spec::state_bits>* state;
  bitfold::Int<Spec::code_bits>* code;
  bitfold::UInt<Spec::symbol_bits>* bits;

  void put(std::size_t vector, const Detected& detected) const {
    const std::size_t first = vector * Spec::columns;
    for (std::size_t j = 0; j < Spec::columns; ++j) {
      state[first + j] = detected.state[j];
      code[first + j] = detected.code[j];
      bits[first + j] = detected.bits[j];
    }
  }
};

}  // namespace host
