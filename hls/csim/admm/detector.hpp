// SPDX-License-Identifier: Apache-2.0
// ADMM-Net as test bench and library call it: plain integers in, every wire out to a visitor.
// Golden model: fixedpoint/detectors/admm.py.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "bitfold/admm_top.hpp"
#include "bitfold_spec.hpp"
#include "parts.hpp"

namespace host {

using bitfold::Spec;
using Channel = bitfold::AdmmBlock<Spec>;
using Row = bitfold::MatrixRow<Spec>;
using Index = bitfold::UInt<Spec::index_bits>;
using Received = bitfold::ReceivedVector<Spec>;
using Detected = bitfold::AdmmDetected<Spec>;
using Words = bitfold::UInt<Spec::symbol_bits>[Spec::columns];
using Sample = bitfold::Int<Spec::y_bits>;

inline constexpr Part parts[] = {
    {"f", Spec::f_format, Spec::rows},
    {"p", Spec::p_format, Spec::columns},
};
inline constexpr bool one_index_a_block = true;

// A row with the block's index.
inline Row row_at(Index index) {
  Row row = Row();
  row.index = index;
  return row;
}

// Fᵀ above P by entry(i, j), clamped, with the block's index.
template <class Entry>
void fill(Channel& block, Entry entry, Index index) {
  for (int i = 0; i < Spec::rows; ++i) {
    for (int j = 0; j < Spec::columns; ++j) {
      block.f[i][j] = bitfold::clamp_entry<Spec, Spec::f_bits>(entry(i, j));
    }
  }
  for (int i = 0; i < Spec::columns; ++i) {
    for (int j = 0; j < Spec::columns; ++j) {
      block.p[i][j] = bitfold::clamp_entry<Spec, Spec::p_bits>(entry(Spec::rows + i, j));
    }
  }
  block.index = index;
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

inline Detected detect(const Channel& block, const Received& received) {
  return bitfold::admm_detect<Spec>(block, received);
}

// Shows each wire of the front end and of layers 1 ... depth to `visit`, in the order of the golden
// model.
template <class Visit>
void trace(const Channel& block, const Received& received, int depth, Visit& visit) {
  bitfold::AdmmReceived<Spec> y;
  bitfold::clamp_received<Spec>(received, y);
  bitfold::AdmmState<Spec> vector;
  bitfold::AdmmFront<Spec> front;
  bitfold::admm_front<Spec>(block, y, vector, front);
  visit.layer("front");
  visit("filtered", Spec::filtered_format, front.filtered);
  visit("estimate", Spec::front_format, vector.front);
  for (int k = 0; k < depth; ++k) {
    bitfold::AdmmWires<Spec> wires;
    Words words;
    bitfold::admm_layer<Spec>(k, block, vector, wires);
    bitfold::slice_all<Spec>(wires.state, words);
    visit.layer(Spec::detector + std::to_string(k + 1));
    visit("product", Spec::product_format, wires.product);
    visit("estimate", Spec::estimate_format, wires.estimate);
    visit("relaxed", Spec::relaxed_format, wires.relaxed);
    visit("update", Spec::update_format, wires.update);
    visit("state", Spec::state_format, wires.state);
    visit("code", Spec::code_format, wires.code);
    visit("decoded", Spec::decoded_format, vector.decoded);
    visit("dual", Spec::dual_format, vector.dual);
    visit("difference", Spec::difference_format, vector.difference);
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
  if (layer == "front") {
    return 0;
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
