// SPDX-License-Identifier: Apache-2.0
// The top functions through their streams: against the golden file, and on inputs to clamp.
// Golden model: fixedpoint/detectors/units.py and fixedpoint/slicer.py.
#pragma once

#include <string>

#include "inputs.hpp"
#include "layers.hpp"
#include "tally.hpp"

namespace bench {

using namespace bitfold::top;

// The streams of the detector's top, and of a unit's.
struct DetectorPorts {
  hls::stream<Row> rows{"rows"};
  hls::stream<Received> received{"received"};
  hls::stream<Detected> detected{"detected"};

  void run() { host::detector_top(rows, received, detected); }
  bool empty() const { return rows.empty() && received.empty() && detected.empty(); }
};

struct UnitPorts {
  hls::stream<Row> rows{"rows"};
  hls::stream<UnitReceived> received{"received"};
  hls::stream<Fronthaul> points{"points"};
  hls::stream<Fronthaul> estimates{"estimates"};

  void run() { host::unit_top(rows, received, points, estimates); }
  bool empty() const {
    return rows.empty() && received.empty() && points.empty() && estimates.empty();
  }
};

// What unit c gets of a received vector.
inline UnitReceived of_unit(const Received& received, int c) {
  UnitReceived one;
  for (int q = 0; q < Spec::unit_size; ++q) {
    one.code[q] = received.code[c][q];
  }
  one.index = received.index;
  one.last = received.last;
  return one;
}

// All units with the fusion node, a coherence block a call.
inline void compare_detector(const VectorFile& file, const Inputs& in, Tally& tally) {
  const Wire& state = last_layer(file, "state");
  const Wire& bits = last_layer(file, "bits");
  Count& state_count = tally.wire("top.state");
  Count& bits_count = tally.wire("top.bits");
  Count& last_count = tally.wire("top.last");
  DetectorPorts ports;
  for (std::size_t v = 0; v < in.total; ++v) {
    if (v % in.vectors == 0) {
      for (int i = 0; i < Spec::rows; ++i) {
        const int row = host::real_row(i / Spec::unit_size, i % Spec::unit_size);
        ports.rows.write(in.row(v / in.vectors, row));
      }
    }
    ports.received.write(in.received(v));
    if ((v + 1) % in.vectors != 0) {
      continue;
    }
    ports.run();
    for (std::size_t b = v + 1 - in.vectors; b <= v; ++b) {
      const Detected one = ports.detected.read();
      compare(state_count, state, b, one.state);
      compare_bits(bits_count, bits, b, one.bits);
      last_count.check(b, 0, b == v, one.last);
    }
    if (!ports.empty()) {
      fail("the detector's top function left words in its streams");
    }
  }
}

// Each unit by itself, its fusion node replaced by the golden file's points.
inline void compare_units(const VectorFile& file, const Inputs& in, Tally& tally) {
  Count& count = tally.wire("unit.estimate");
  for (int c = 0; c < Spec::units; ++c) {
    UnitPorts ports;
    for (std::size_t v = 0; v < in.total; ++v) {
      if (v % in.vectors == 0) {
        for (int q = 0; q < Spec::unit_size; ++q) {
          ports.rows.write(in.row(v / in.vectors, host::real_row(c, q)));
        }
      }
      ports.received.write(of_unit(in.received(v), c));
      for (int k = 0; k + 1 < Spec::layers; ++k) {
        const Wire& golden = wire_of(file, k, "extrapolated");
        Fronthaul point;
        for (std::size_t j = 0; j < kColumns; ++j) {
          point.entry[j] = golden.values[v * kColumns + j];
        }
        ports.points.write(point);
      }
      if ((v + 1) % in.vectors != 0) {
        continue;
      }
      ports.run();
      for (std::size_t b = v + 1 - in.vectors; b <= v; ++b) {
        for (int k = 0; k < Spec::layers; ++k) {
          const Fronthaul estimate = ports.estimates.read();
          compare(count, wire_of(file, k, "estimate"), b, estimate.entry,
                  static_cast<std::size_t>(c) * kColumns);
        }
      }
      if (!ports.empty()) {
        fail("a unit's top function left words in its streams");
      }
    }
  }
}

// A message of the fronthaul with an integer that its format does not allow, and the nearest that
// it does.
inline Fronthaul point_of(std::int64_t first) {
  Fronthaul point;
  for (int j = 0; j < Spec::columns; ++j) {
    point.entry[j] = j % 2 == 0 ? 1 : -1;
  }
  point.entry[0] = first;
  return point;
}

// Integers that the formats do not allow (-128 on 8 bits; a code of 2^b, which would wrap to 0) and
// an SNR index beyond the bank give what the nearest allowed ones give. One entry of H in each row,
// one code of each unit and one of z are such: few enough not to saturate all that follows, which
// would hide a missing clamp. On the vectors of the first block.
inline void compare_clamped(const Inputs& in, Tally& tally) {
  const std::int64_t lowest_h = -plain(bitfold::largest<Spec::h_bits>()) - 1;
  const std::int64_t lowest_z = -plain(bitfold::largest<Spec::state_bits>()) - 1;
  constexpr int largest_code = (1 << Spec::adc_bits) - 1;
  DetectorPorts wild, tame;
  UnitPorts wild_unit, tame_unit;
  for (int i = 0; i < Spec::rows; ++i) {
    Row row = in.row(0, host::real_row(i / Spec::unit_size, i % Spec::unit_size));
    row.entry[i % Spec::columns] = lowest_h + 1;
    tame.rows.write(row);
    if (i < Spec::unit_size) {
      tame_unit.rows.write(row);
    }
    row.entry[i % Spec::columns] = lowest_h;
    wild.rows.write(row);
    if (i < Spec::unit_size) {
      wild_unit.rows.write(row);
    }
  }
  for (std::size_t v = 0; v < in.vectors; ++v) {
    Received one = in.received(v);
    one.index = Spec::bank - 1;
    for (int c = 0; c < Spec::units; ++c) {
      one.code[c][c % Spec::unit_size] = largest_code;
    }
    tame.received.write(one);
    tame_unit.received.write(of_unit(one, 0));
    one.index = (1 << Spec::index_bits) - 1;
    for (int c = 0; c < Spec::units; ++c) {
      one.code[c][c % Spec::unit_size] = largest_code + 1;
    }
    wild.received.write(one);
    wild_unit.received.write(of_unit(one, 0));
    for (int k = 0; k + 1 < Spec::layers; ++k) {
      tame_unit.points.write(point_of(lowest_z + 1));
      wild_unit.points.write(point_of(lowest_z));
    }
  }
  tame.run();
  wild.run();
  tame_unit.run();
  wild_unit.run();

  Count& state = tally.wire("clamp.state");
  Count& bits = tally.wire("clamp.bits");
  Count& estimate = tally.wire("clamp.estimate");
  for (std::size_t v = 0; v < in.vectors; ++v) {
    const Detected expected = tame.detected.read(), clamped = wild.detected.read();
    for (std::size_t j = 0; j < kColumns; ++j) {
      state.check(v, j, plain(expected.state[j]), plain(clamped.state[j]));
      bits.check(v, j, plain(expected.bits[j]), plain(clamped.bits[j]));
    }
    for (std::size_t i = 0; i < Spec::layers * kColumns; i += kColumns) {
      const Fronthaul one = tame_unit.estimates.read(), other = wild_unit.estimates.read();
      for (std::size_t j = 0; j < kColumns; ++j) {
        estimate.check(v, i + j, plain(one.entry[j]), plain(other.entry[j]));
      }
    }
  }
}

inline void compare_tops(const VectorFile& file, const Inputs& in, Tally& tally) {
  compare_detector(file, in, tally);
  compare_units(file, in, tally);
  compare_clamped(in, tally);
}

}  // namespace bench
