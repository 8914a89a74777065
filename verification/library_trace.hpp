// For library.cpp: records what the trace ports show, in the golden model's places.
#pragma once

#include <array>
#include <cstdint>

#include BITFOLD_DETECTOR
#include "library_signals.hpp"

namespace {

// One of the trace ports: of so many units, which show a pass in so many positions of so many integers;
// in every layer; its first wire in bitfold_run::wires.
struct Side {
  int units, layers, positions, elements, first_wire;
};

constexpr int kFirstColumnWire = BITFOLD_ROW_WIRES + BITFOLD_FRONT_WIRES;
constexpr Side kRowSide{kUnits, kLayers, kWords, kRowsPerWord, 0};
constexpr Side kFrontSide{1, 1, kGroups, kGroupColumns, BITFOLD_ROW_WIRES};
constexpr Side kColumnSide{kUnits, kLayers, kGroups, kGroupColumns, kFirstColumnWire};
constexpr Side kFusionSide{1, kLayers, kGroups, kGroupColumns, kFirstColumnWire + BITFOLD_COLUMN_WIRES};

// Where in its pass a port is.
struct Place {
  std::uint64_t slot, layer, position;
};

// One unit's side of a port. Vectors enter the slots in order, around the ring, so that a slot's next
// one is kSlots later.
class Monitor {
 public:
  Monitor() {
    for (int s = 0; s < kSlots; ++s) vector_[s] = s;
  }

  // `wires` hands every signal of the port, its width and its sign to what it is called with. Faulty
  // hardware may name a place that does not exist; what it leaves out stays missing.
  template <class Wires>
  void record(const bitfold_run& run, const Side& side, int unit, const Place& place, Wires wires) {
    const auto layers = static_cast<std::uint64_t>(side.layers);
    const bool exists = place.slot < kSlots && place.layer < layers &&
                        place.position < static_cast<std::uint64_t>(side.positions);
    if (!exists) return;
    std::int64_t& vector = vector_[place.slot];
    if (vector < run.blocks * run.vectors) {
      const std::int64_t pass = (vector * side.layers + place.layer) * side.units + unit;
      const std::int64_t at = (pass * side.positions + place.position) * side.elements;
      int wire = side.first_wire;
      wires([&](const auto& signal, int bits, bool is_signed) {
        std::int64_t* to = run.wires[wire++] + at;
        for (int i = 0; i < side.elements; ++i) {
          const std::uint64_t value = take(signal, (unit * side.elements + i) * bits, bits);
          to[i] = is_signed ? extend(value, bits) : static_cast<std::int64_t>(value);
        }
      });
    }
    if (place.layer == layers - 1 && place.position == side.positions - 1u) vector += kSlots;
  }

 private:
  std::array<std::int64_t, kSlots> vector_{};
};

// All trace ports of a top.
class Recorder {
 public:
  template <class Top>
  void record(const bitfold_run& run, const Top& top) {
    if constexpr (kHasFront) {
      if (top.trace_front_valid) {
        const Place place{top.trace_front_slot, 0, top.trace_front_group};
        front_.record(run, kFrontSide, 0, place, [&](auto wire) { front_wires(top, wire); });
      }
    } else {
      record_rows(run, top);
    }
    const std::uint64_t columns = take(top.trace_column_valid, 0, kUnits);
    for (int unit = 0; unit < kUnits; ++unit) {
      if (columns >> unit & 1) {
        const Place place{take(top.trace_column_slot, unit * kSlotBits, kSlotBits),
                          take(top.trace_column_layer, unit * kLayerBits, kLayerBits),
                          take(top.trace_column_group, unit * kGroupBits, kGroupBits)};
        columns_[unit].record(run, kColumnSide, unit, place, [&](auto wire) { column_wires(top, wire); });
      }
    }
    if constexpr (kHasFusion) {
      if (!top.trace_fusion_valid) return;
      const Place place{top.trace_fusion_slot, top.trace_fusion_layer, top.trace_fusion_group};
      fusion_.record(run, kFusionSide, 0, place, [&](auto wire) { fusion_wires(top, wire); });
    }
  }

 private:
  template <class Top>
  void record_rows(const bitfold_run& run, const Top& top) {
    const std::uint64_t rows = take(top.trace_row_valid, 0, kUnits);
    for (int unit = 0; unit < kUnits; ++unit) {
      if (rows >> unit & 1) {
        const Place place{take(top.trace_row_slot, unit * kSlotBits, kSlotBits),
                          take(top.trace_row_layer, unit * kLayerBits, kLayerBits),
                          take(top.trace_row_word, unit * kWordBits, kWordBits)};
        rows_[unit].record(run, kRowSide, unit, place, [&](auto wire) { row_wires(top, wire); });
      }
    }
  }

  std::array<Monitor, kUnits> rows_, columns_;
  Monitor front_, fusion_;
};

}  // namespace
