// SPDX-License-Identifier: Apache-2.0
// A detector's top function through its streams, against the golden file.
// Golden model: fixedpoint/receivers/family.py, run, and fixedpoint/numbers/slicer.py.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "inputs.hpp"
#include "layers.hpp"
#include "tally.hpp"
#include "tops.hpp"

namespace bench {

using bitfold::Detected;
using bitfold::Received;
using bitfold::Row;

constexpr int kBeyond = (1 << Spec::index_bits) - 1;

// The lowest integer that the format of a matrix's entries allows; one less, it does not.
constexpr std::int64_t lowest_of(int bits) { return -((std::int64_t{1} << (bits - 1)) - 1); }

// The bits of a signed format as golden vector files write it, "s8.7".
inline int bits_of(const std::string& format) { return std::stoi(format.substr(1)); }

// The streams of a detector's top, and its counter of index errors as the last call left it.
struct DetectorPorts {
  hls::stream<Row> rows{"rows"};
  hls::stream<Received> received{"received"};
  hls::stream<Detected> detected{"detected"};
  bitfold::IndexErrors errors = 0;

  void run() { call(detector_top); }
  bool empty() const { return rows.empty() && received.empty() && detected.empty(); }

 private:
  template <class A, class B, class C>
  void call(void (*top)(A, B, C)) {
    top(rows, received, detected);
  }

  template <class A, class B, class C>
  void call(void (*top)(A, B, C, bitfold::IndexErrors&)) {
    top(rows, received, detected, errors);
  }
};

// What a top function decided of one vector, against the last layer of the golden file.
class Decisions {
 public:
  Decisions(const std::string& prefix, const VectorFile& file, Tally& tally)
      : prefix_(prefix), file_(file), tally_(tally) {}

  void check(std::size_t vector, const Detected& one) {
    vector_ = vector;
    show_decided(one, *this);
  }

  template <class Element, std::size_t Size>
  void operator()(const char* wire, const Element (&ours)[Size]) {
    compare(count(wire), last_layer(file_, wire), vector_, ours);
  }

  template <class Word, std::size_t Size>
  void bits(const char* wire, const Word (&words)[Size]) {
    compare_bits(count(wire), last_layer(file_, wire), vector_, words);
  }

 private:
  Count& count(const std::string& wire) {
    const auto found = counts_.find(wire);
    if (found != counts_.end()) {
      return *found->second;
    }
    return *counts_.emplace(wire, &tally_.wire(prefix_ + "." + wire)).first->second;
  }

  std::string prefix_;
  const VectorFile& file_;
  Tally& tally_;
  std::map<std::string, Count*> counts_;
  std::size_t vector_ = 0;
};

// The integers that a message or a decision shows, wire after wire.
struct Plain {
  std::vector<std::string> wires;
  std::vector<std::vector<std::int64_t>> values;

  template <class Element, std::size_t Size>
  void operator()(const char* wire, const Element (&ours)[Size]) {
    wires.push_back(wire);
    values.emplace_back();
    for (const Element& q : ours) {
      values.back().push_back(plain(q));
    }
  }

  template <class Word, std::size_t Size>
  void bits(const char* wire, const Word (&words)[Size]) {
    (*this)(wire, words);
  }
};

// Two of them that must be the same: `prefix.wire` counts, the first one's integers are expected.
class Same {
 public:
  Same(const std::string& prefix, Tally& tally) : prefix_(prefix), tally_(tally) {}

  void check(std::size_t vector, const Plain& expected, const Plain& found, std::size_t first = 0) {
    for (std::size_t w = 0; w < expected.wires.size(); ++w) {
      if (w == counts_.size()) {
        counts_.push_back(&tally_.wire(prefix_ + "." + expected.wires[w]));
      }
      for (std::size_t i = 0; i < expected.values[w].size(); ++i) {
        counts_[w]->check(vector, first + i, expected.values[w][i], found.values[w][i]);
      }
    }
  }

 private:
  std::string prefix_;
  Tally& tally_;
  std::vector<Count*> counts_;
};

inline Plain plain_of(const Detected& one) {
  Plain shown;
  show_decided(one, shown);
  return shown;
}

template <class Ports>
void write_rows(const Inputs& in, std::size_t block, Ports& ports) {
  for (int i = 0; i < host::matrix_rows<Detector>(); ++i) {
    ports.rows.write(in.row(block, i));
  }
}

// The top function, a coherence block a call.
inline void compare_top(const VectorFile& file, const Inputs& in, Tally& tally,
                        DetectorPorts& ports) {
  Decisions decisions("top", file, tally);
  Count* last_count = nullptr;
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
      const Detected one = ports.detected.read();
      decisions.check(b, one);
      last_count = last_count ? last_count : &tally.wire("top.last");
      last_count->check(b, 0, b == v, one.last);
    }
    if (!ports.empty()) {
      fail("the top function left words in its streams");
    }
  }
}

// Samples of which one is beyond the format, and the nearest that it allows: -128 on 8 bits, or a
// code of 2^b, which would wrap to 0.
struct Ends {
  std::int64_t allowed;
  std::int64_t beyond;
};

constexpr Ends sample_ends() {
  if (Spec::coded) {
    const std::int64_t largest_code = (std::int64_t{1} << Spec::y_bits) - 1;
    return {largest_code, largest_code + 1};
  }
  return {lowest_of(Spec::y_bits), lowest_of(Spec::y_bits) - 1};
}

}  // namespace bench
