// SPDX-License-Identifier: Apache-2.0
// Layer by layer: every wire of every layer against the golden file.
// Golden model: fixedpoint/receivers/family.py, run.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "inputs.hpp"
#include "tally.hpp"

namespace bench {

template <class Number>
std::int64_t plain(const Number& q) {
  return static_cast<std::int64_t>(q);
}

template <class Element, std::size_t Size>
void compare(Count& count, const Wire& golden, std::size_t vector, const Element (&ours)[Size],
             std::size_t first = 0) {
  const std::size_t all = golden.values.size() / (golden.shape[0] * golden.shape[1]);
  for (std::size_t i = 0; i < Size; ++i) {
    count.check(vector, first + i, golden.values[vector * all + first + i], plain(ours[i]));
  }
}

// Gray words against bits, first bit highest.
template <class Word, std::size_t Size>
void compare_bits(Count& count, const Wire& golden, std::size_t vector, const Word (&words)[Size]) {
  constexpr std::size_t bits = Spec::symbol_bits;
  for (std::size_t i = 0; i < Size * bits; ++i) {
    const std::int64_t bit = plain(words[i / bits]) >> (bits - 1 - i % bits) & 1;
    count.check(vector, i, golden.values[vector * Size * bits + i], bit);
  }
}

// Compares what `host::trace` shows of one vector after another. The first one makes the counts.
class LayerComparison {
 public:
  LayerComparison(const VectorFile& file, Tally& tally) : file_(file), tally_(tally) {}

  void start(std::size_t vector) {
    vector_ = vector;
    at_ = 0;
  }

  void layer(const std::string& name) { prefix_ = name + "."; }

  // Throws if the file holds a wire that is neither an input nor one of those compared.
  void require_all() const {
    std::set<std::string> known = Inputs::names();
    for (const Compared& one : compared_) {
      known.insert(one.count->wire);
    }
    require_no_other(file_, known);
  }

  template <class Element, std::size_t Size>
  void operator()(const char* wire, const char* format, const Element (&ours)[Size]) {
    const Compared& one = next(wire, format, {Size});
    compare(*one.count, *one.golden, vector_, ours);
  }

  // Of unit c of all.
  template <class Element, std::size_t Size>
  void unit(const char* wire, const char* format, std::size_t c, std::size_t units,
            const Element (&ours)[Size]) {
    at_ -= c > 0;
    const Compared& one = next(wire, format, {units, Size});
    compare(*one.count, *one.golden, vector_, ours, c * Size);
  }

  template <class Word, std::size_t Size>
  void bits(const char* wire, const char* format, const Word (&words)[Size]) {
    const Compared& one = next(wire, format, {Size, static_cast<std::size_t>(Spec::symbol_bits)});
    compare_bits(*one.count, *one.golden, vector_, words);
  }

 private:
  struct Compared {
    const Wire* golden;
    Count* count;
  };

  const Compared& next(const char* wire, const char* format, std::vector<std::size_t> shape) {
    if (at_ == compared_.size()) {
      const std::string name = prefix_ + wire;
      shape.insert(shape.begin(), {file_.blocks, file_.vectors});
      compared_.push_back({&require(file_, name, format, shape), &tally_.wire(name)});
    }
    return compared_[at_++];
  }

  const VectorFile& file_;
  Tally& tally_;
  std::vector<Compared> compared_;
  std::string prefix_;
  std::size_t vector_ = 0;
  std::size_t at_ = 0;
};

// Every wire of the first `count` stages and layers.
inline void compare_layers(const VectorFile& file, const Inputs& in, int count, Tally& tally) {
  LayerComparison comparison(file, tally);
  bitfold::Block block;
  for (std::size_t v = 0; v < in.total; ++v) {
    if (v % in.vectors == 0) {
      in.fill(v / in.vectors, block);
    }
    comparison.start(v);
    host::trace<Detector>(block, in.received(v), count, comparison);
  }
  comparison.require_all();
}

// The golden file's wire of a layer, from 0.
inline const Wire& wire_of(const VectorFile& file, int layer, const std::string& wire) {
  return file.wires.at(Spec::detector + std::to_string(layer + 1) + "." + wire);
}

inline const Wire& last_layer(const VectorFile& file, const std::string& wire) {
  return wire_of(file, Spec::layers - 1, wire);
}

}  // namespace bench
