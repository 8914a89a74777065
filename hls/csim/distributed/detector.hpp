// SPDX-License-Identifier: Apache-2.0
// HPD or FPD-Net as test bench and library call it: plain integers in, every wire to a visitor.
// Golden model: fixedpoint/detectors/units.py, fixedpoint/detectors/hpd.py, fixedpoint/detectors/fpd.py.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "parts.hpp"
#include "unit.hpp"

namespace host {

using Channel = bitfold::UnitMatrices<Spec>;
using Row = bitfold::ChannelRow<Spec>;
using Index = bitfold::UInt<Spec::index_bits>;
using Received = bitfold::DistributedReceived<Spec>;
using Detected = bitfold::DistributedDetected<Spec>;
using Words = bitfold::UInt<Spec::symbol_bits>[Spec::columns];
using Sample = bitfold::UInt<8>;

inline constexpr Part parts[] = {{"h", Spec::h_format, Spec::rows}};
inline constexpr bool one_index_a_block = false;

// H serves vectors of any SNR index: its rows bring none.
inline Row row_at(Index) { return Row(); }

// Row q of unit c among the rows [Re; Im] of all antennas.
constexpr int real_row(int c, int q) {
  constexpr int half = Spec::unit_size / 2;
  return q < half ? c * half + q : Spec::rows / 2 + c * half + q - half;
}

// H by entry(i, j), i in the order of the real form, clamped.
template <class Entry>
void fill(Channel& h, Entry entry, Index) {
  for (int c = 0; c < Spec::units; ++c) {
    for (int q = 0; q < Spec::unit_size; ++q) {
      for (int j = 0; j < Spec::columns; ++j) {
        h[c][q][j] = bitfold::clamp_entry<Spec, Spec::h_bits>(entry(real_row(c, q), j));
      }
    }
  }
}

// A received vector by sample(i), i in the order of the real form, as it comes.
template <class Sampled>
Received receive(Sampled sample, Index index, bool last) {
  Received received;
  for (int c = 0; c < Spec::units; ++c) {
    for (int q = 0; q < Spec::unit_size; ++q) {
      received.code[c][q] = sample(real_row(c, q));
    }
  }
  received.index = index;
  received.last = last;
  return received;
}

inline Detected detect(const Channel& h, const Received& received) {
  return bitfold::distributed_detect<Unit>(h, received);
}

// What one layer computes, and the slicer's words.
struct LayerWires {
  UnitWires units[Spec::units];
  bitfold::Estimates<Spec> estimates;
  Words words;
};

template <class Visit>
void trace_layer(const LayerWires& wires, const bitfold::Fusion<Spec>& fusion, Visit& visit) {
  const auto rows = [&](const char* name, const char* format, auto wire) {
    each_unit(visit, name, format, wires.units,
              [wire](const UnitWires& unit) -> const auto& { return unit.rows.*wire; });
  };
  using Rows = bitfold::UnitRows<Spec>;
  rows("accumulator", Spec::accumulator_format, &Rows::accumulator);
  rows("residual", Spec::residual_format, &Rows::residual);
  rows("gradient", Spec::gradient_format, &Rows::gradient);
  trace_columns(wires.units, visit);
  visit("estimate", Spec::estimate_format, wires.estimates);
  visit("state", Spec::state_format, fusion.state);
  visit("extrapolated", Spec::extrapolated_format, fusion.point);
  visit.bits("bits", Spec::bits_format, wires.words);
}

// Shows each wire of the converter, of what else comes before layer 1 if depth is 0 or more, and of
// layers 1 ... depth, to `visit`, in the order of the golden model.
template <class Visit>
void trace(const Channel& h, const Received& received, int depth, Visit& visit) {
  bitfold::UnitVector<Unit> vectors[Spec::units];
  for (int c = 0; c < Spec::units; ++c) {
    bitfold::UnitCodes<Spec> codes;
    bitfold::clamp_codes<Spec>(received.code[c], codes);
    bitfold::unit_receive<Unit>(h[c], codes, received.index, vectors[c]);
  }
  visit.layer("adc");
  const auto cells = [&](const char* name, const char* format, auto wire) {
    each_unit(visit, name, format, vectors,
              [wire](const auto& vector) -> const auto& { return vector.cells.*wire; });
  };
  cells("low", Spec::low_format, &bitfold::UnitCells<Spec>::low);
  cells("up", Spec::up_format, &bitfold::UnitCells<Spec>::up);
  if (depth >= 0) {
    trace_prepared<Spec>(vectors, visit);
  }
  bitfold::Fusion<Spec> fusion;
  bitfold::fusion_start<Spec>(fusion);
  for (int k = 0; k < depth; ++k) {
    LayerWires wires;
    bitfold::distributed_layer<Unit>(k, h, vectors, fusion, wires.units, wires.estimates);
    bitfold::slice_all<Spec>(fusion.state, wires.words);
    visit.layer(Spec::detector + std::to_string(k + 1));
    trace_layer(wires, fusion, visit);
  }
}

// The depth that `trace` needs for a layer's name; none if the name is unknown.
inline std::optional<int> depth_of(const std::string& layer) {
  for (int k = 1; k <= Spec::layers; ++k) {
    if (layer == Spec::detector + std::to_string(k)) {
      return k;
    }
  }
  if (layer == "adc" || is_prepared(layer)) {
    return is_prepared("hyper") && layer == "adc" ? -1 : 0;
  }
  return layer == "slicer" ? std::optional<int>(Spec::layers) : std::nullopt;
}

// The arrays of the library's results, (vectors, columns) each.
struct Outputs {
  bitfold::Int<Spec::state_bits>* state;
  bitfold::UInt<Spec::symbol_bits>* bits;

  void put(std::size_t vector, const Detected& detected) const {
    const std::size_t first = vector * Spec::columns;
    for (std::size_t j = 0; j < Spec::columns; ++j) {
      state[first + j] = detected.state[j];
      bits[first + j] = detected.bits[j];
    }
  }
};

}  // namespace host
