// SPDX-License-Identifier: Apache-2.0
// For library.cpp: records what the trace ports show, in the golden model's places.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "signals.hpp"

namespace {

// One of the points of the trace: of so many units, which show a pass of `size` rows or columns in so many
// positions of so many elements, the last one perhaps with fewer; in every layer; its first wire in
// bitfold_run::wires.
struct Side {
  int units, layers, size, positions, elements, first_wire;
};

constexpr int kFrontAt = kRowWires.size(), kColumnAt = kFrontAt + kFrontWires.size();
constexpr int kFusionAt = kColumnAt + kColumnWires.size();
constexpr Side kRowSide{kUnits, kLayers, kRows, kWords, kRowsPerWord, 0};
constexpr Side kFrontSide{1, 1, kColumns, kGroups, kGroupColumns, kFrontAt};
constexpr Side kColumnSide{kUnits, kLayers, kColumns, kGroups, kGroupColumns, kColumnAt};
constexpr Side kFusionSide{1, kLayers, kColumns, kGroups, kGroupColumns, kFusionAt};

// The bits of an element, in which its wires lie side by side.
template <class Wires>
constexpr int width(const Wires& wires) {
  return wires.back().offset + wires.back().bits;
}

// Where in its pass a port is.
struct Place {
  std::uint64_t slot, layer, position;
};

// Which vectors the groups have that enter the slots of packed hardware, of each unit: those whose bits were
// high when the group was first seen.
class Order {
 public:
  void enter(std::int64_t group, std::uint64_t there) {
    if (group + 1 == static_cast<std::int64_t>(first_.size())) {
      first_.push_back(first_.back() + __builtin_popcountll(there));
    }
  }

  // The first vector, or -1 of a group that never entered.
  std::int64_t first(std::int64_t group) const {
    return group + 1 < static_cast<std::int64_t>(first_.size()) ? first_[group] : -1;
  }

 private:
  std::vector<std::int64_t> first_{0};
};

// One unit's side of a port. Groups of up to so many vectors enter the slots in order, around the ring, so
// that a slot's next one is as many later as there are slots. The fusion node has a slot for each vector.
class Monitor {
 public:
  explicit Monitor(int slots = kSlots, int vectors = kVectors) : group_(slots), vectors_(vectors) {
    for (int s = 0; s < slots; ++s) group_[s] = s;
  }

  bool exists(const Place& place) const { return place.slot < group_.size(); }
  std::int64_t group(const Place& place) const { return exists(place) ? group_[place.slot] : -1; }

  // `there` has a bit for each vector of the slot; `data` shows the `wires` of each element. Faulty
  // hardware may name a place that does not exist; what it leaves out stays missing.
  template <class Wires, class Signal>
  void record(const bitfold_run& run, const Side& side, int unit, const Place& place,
              std::uint64_t there, const Order& order, const Wires& wires, const Signal& data) {
    const auto layers = static_cast<std::uint64_t>(side.layers);
    const bool shown = exists(place) && place.layer < layers &&
                       place.position < static_cast<std::uint64_t>(side.positions);
    if (!shown) return;
    const std::int64_t group = group_[place.slot];
    const std::int64_t first = vectors_ == 1 ? group : order.first(group);
    for (int v = 0; v < vectors_; ++v) {
      const std::int64_t vector = first + v;
      if (first < 0 || !(there >> v & 1) || vector >= run.blocks * run.vectors) continue;
      const std::int64_t pass = (vector * side.layers + place.layer) * side.units + unit;
      const int first_element = static_cast<int>(place.position) * side.elements;
      const int left = side.size - first_element;  // what is above is padding
      const std::int64_t at = pass * side.size + first_element;
      const int lane = (unit * vectors_ + v) * side.elements;
      std::int64_t* const* to = run.wires + side.first_wire;
      for (const Wire& wire : wires) {
        for (int i = 0; i < side.elements && i < left; ++i) {
          const std::uint64_t value = take(data, (lane + i) * width(wires) + wire.offset, wire.bits);
          (*to)[at + i] = wire.is_signed ? extend(value, wire.bits) : static_cast<std::int64_t>(value);
        }
        ++to;
      }
    }
    if (place.layer == layers - 1 && place.position == side.positions - 1u) {
      group_[place.slot] += static_cast<std::int64_t>(group_.size());
    }
  }

 private:
  std::vector<std::int64_t> group_;
  int vectors_;
};

// All trace ports of a top.
class Recorder {
 public:
  template <class Top>
  void record(const bitfold_run& run, const Top& top) {
    if constexpr (kHasFront) {
      const std::uint64_t front = take(top.trace_front_valid, 0, kVectors);
      if (front != 0) {
        const Place place{top.trace_front_slot, 0, top.trace_front_group};
        if (place.position == 0) order_[0].enter(front_.group(place), front);
        front_.record(run, kFrontSide, 0, place, front, order_[0], kFrontWires, top.trace_front_data);
      }
    } else {
      record_rows(run, top);
    }
    for (int unit = 0; unit < kUnits; ++unit) {
      const std::uint64_t columns = take(top.trace_column_valid, unit * kVectors, kVectors);
      if (columns != 0) {
        const Place place{take(top.trace_column_slot, unit * kSlotBits, kSlotBits),
                          take(top.trace_column_layer, unit * kLayerBits, kLayerBits),
                          take(top.trace_column_group, unit * kGroupBits, kGroupBits)};
        columns_[unit].record(run, kColumnSide, unit, place, columns, order_[unit], kColumnWires,
                              top.trace_column_data);
      }
    }
    if constexpr (kHasFusion) {
      if (!top.trace_fusion_valid) return;
      const Place place{top.trace_fusion_slot, top.trace_fusion_layer, top.trace_fusion_group};
      fusion_.record(run, kFusionSide, 0, place, 1, order_[0], kFusionWires, top.trace_fusion_data);
    }
  }

 private:
  template <class Top>
  void record_rows(const bitfold_run& run, const Top& top) {
    for (int unit = 0; unit < kUnits; ++unit) {
      const std::uint64_t rows = take(top.trace_row_valid, unit * kVectors, kVectors);
      if (rows == 0) continue;
      const Place place{take(top.trace_row_slot, unit * kSlotBits, kSlotBits),
                        take(top.trace_row_layer, unit * kLayerBits, kLayerBits),
                        take(top.trace_row_word, unit * kWordBits, kWordBits)};
      if (place.layer == 0 && place.position == 0) order_[unit].enter(rows_[unit].group(place), rows);
      rows_[unit].record(run, kRowSide, unit, place, rows, order_[unit], kRowWires, top.trace_row_data);
    }
  }

  std::array<Monitor, kUnits> rows_, columns_;
  Monitor front_, fusion_{kSlots * kVectors, 1};
  std::array<Order, kUnits> order_;
};

}  // namespace
