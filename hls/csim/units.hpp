// SPDX-License-Identifier: Apache-2.0
// The top functions of units with a fusion node: against the golden file, and on inputs to clamp.
// Golden model: fixedpoint/receivers/family.py, run, and fixedpoint/numbers/slicer.py.
#pragma once

#include "ports.hpp"

namespace bench {

using bitfold::Estimate;
using bitfold::Point;
using bitfold::UnitReceived;

struct UnitPorts {
  hls::stream<Row> rows{"rows"};
  hls::stream<UnitReceived> received{"received"};
  hls::stream<Point> points{"points"};
  hls::stream<Estimate> estimates{"estimates"};

  void run() { unit_top(rows, received, points, estimates); }
  bool empty() const {
    return rows.empty() && received.empty() && points.empty() && estimates.empty();
  }
};

// What unit c gets of a received vector.
inline UnitReceived of_unit(const Received& received, int c) {
  UnitReceived one;
  for (int q = 0; q < Spec::unit_size; ++q) {
    one.y[q] = received.y[c][q];
  }
  one.index = received.index;
  one.last = received.last;
  return one;
}

// Fills a message with a layer's wires of one vector as the golden file has them.
struct FromFile {
  const VectorFile& file;
  int layer;
  std::size_t vector;

  template <class Element, std::size_t Size>
  void operator()(const char* wire, Element (&to)[Size]) const {
    const Wire& golden = wire_of(file, layer, wire);
    for (std::size_t j = 0; j < Size; ++j) {
      to[j] = golden.values[vector * Size + j];
    }
  }
};

// Compares a message of unit c with a layer's wires in the golden file.
struct WithFile {
  const VectorFile& file;
  std::map<std::string, Count*>& counts;
  Tally& tally;
  int layer;
  std::size_t vector;
  std::size_t unit;

  template <class Element, std::size_t Size>
  void operator()(const char* wire, const Element (&ours)[Size]) const {
    Count*& count = counts[wire];
    count = count ? count : &tally.wire("unit." + std::string(wire));
    const Wire& golden = wire_of(file, layer, wire);
    const bool each = golden.values.size() / (golden.shape[0] * golden.shape[1]) > Size;
    compare(*count, golden, vector, ours, each ? unit * Size : 0);
  }
};

constexpr int unit_rows() { return host::matrix_rows<Detector>() / Spec::units; }

// Each unit by itself, its fusion node replaced by the golden file's points.
inline void compare_units(const VectorFile& file, const Inputs& in, Tally& tally) {
  std::map<std::string, Count*> counts;
  for (int c = 0; c < Spec::units; ++c) {
    UnitPorts ports;
    for (std::size_t v = 0; v < in.total; ++v) {
      if (v % in.vectors == 0) {
        for (int i = 0; i < unit_rows(); ++i) {
          ports.rows.write(in.row(v / in.vectors, c * unit_rows() + i));
        }
      }
      ports.received.write(of_unit(in.received(v), c));
      for (int k = 0; k + 1 < Spec::layers; ++k) {
        Point point;
        FromFile golden{file, k, v};
        show_message(point, golden);
        ports.points.write(point);
      }
      if ((v + 1) % in.vectors != 0) {
        continue;
      }
      ports.run();
      for (std::size_t b = v + 1 - in.vectors; b <= v; ++b) {
        for (int k = 0; k < Spec::layers; ++k) {
          Estimate estimate = ports.estimates.read();
          WithFile golden{file, counts, tally, k, b, static_cast<std::size_t>(c)};
          show_message(estimate, golden);
        }
      }
      if (!ports.empty()) {
        fail("a unit's top function left words in its streams");
      }
    }
  }
}

// Fills a message with small integers, the first one that of a format's end, or one beyond it.
struct Corner {
  bool beyond;

  template <class Element, std::size_t Size>
  void operator()(const char*, Element (&to)[Size]) const {
    for (std::size_t j = 0; j < Size; ++j) {
      to[j] = j % 2 == 0 ? 1 : -1;
    }
    to[0] = lowest_of(Element::width) - beyond;
  }
};

inline Point point_of(bool beyond) {
  Point point;
  Corner corner{beyond};
  show_message(point, corner);
  return point;
}

// Integers that the formats do not allow (-128 on 8 bits; a code of 2^b, which would wrap to 0) and
// an SNR index beyond the bank give what the nearest allowed ones give. One entry of H in each row,
// one code of each unit and one of a point are such: few enough not to saturate all that follows,
// which would hide a missing clamp. On the vectors of the first block.
inline void compare_clamped(const Inputs& in, Tally& tally) {
  const std::int64_t lowest = lowest_of(Spec::entry_bits);
  DetectorPorts wild, tame;
  UnitPorts wild_unit, tame_unit;
  for (int i = 0; i < host::matrix_rows<Detector>(); ++i) {
    Row row = in.row(0, i);
    row.entry[i % Spec::columns] = lowest;
    tame.rows.write(row);
    if (i < unit_rows()) {
      tame_unit.rows.write(row);
    }
    row.entry[i % Spec::columns] = lowest - 1;
    wild.rows.write(row);
    if (i < unit_rows()) {
      wild_unit.rows.write(row);
    }
  }
  for (std::size_t v = 0; v < in.vectors; ++v) {
    Received one = in.received(v);
    one.index = Spec::bank - 1;
    for (int c = 0; c < Spec::units; ++c) {
      one.y[c][c % Spec::unit_size] = sample_ends().allowed;
    }
    tame.received.write(one);
    tame_unit.received.write(of_unit(one, 0));
    one.index = kBeyond;
    for (int c = 0; c < Spec::units; ++c) {
      one.y[c][c % Spec::unit_size] = sample_ends().beyond;
    }
    wild.received.write(one);
    wild_unit.received.write(of_unit(one, 0));
    for (int k = 0; k + 1 < Spec::layers; ++k) {
      tame_unit.points.write(point_of(false));
      wild_unit.points.write(point_of(true));
    }
  }
  tame.run();
  wild.run();
  tame_unit.run();
  wild_unit.run();

  Same decided("clamp", tally), sent("clamp", tally);
  for (std::size_t v = 0; v < in.vectors; ++v) {
    const Detected expected = tame.detected.read();
    decided.check(v, plain_of(expected), plain_of(wild.detected.read()));
  }
  for (std::size_t v = 0; v < in.vectors; ++v) {
    for (std::size_t i = 0; i < Spec::layers * kColumns; i += kColumns) {
      Estimate one = tame_unit.estimates.read(), other = wild_unit.estimates.read();
      Plain expected, clamped;
      show_message(one, expected);
      show_message(other, clamped);
      sent.check(v, expected, clamped, i);
    }
  }
}

inline void compare_tops(const VectorFile& file, const Inputs& in, Tally& tally) {
  DetectorPorts ports;
  compare_top(file, in, tally, ports);
  compare_units(file, in, tally);
  compare_clamped(in, tally);
}

}  // namespace bench
