// A golden file's inputs as the detector takes them, and the comparison of arrays with its wires.
// Golden model: fixedpoint/pgd.py.
#pragma once

#include <string>

#include "pgd.hpp"
#include "tally.hpp"
#include "vector_file.hpp"

namespace bench {

using bitfold::Spec;
using Matrix = bitfold::PgdMatrix<Spec>;
using Wires = bitfold::PgdWires<Spec>;
using Words = bitfold::UInt<Spec::symbol_bits>[Spec::columns];

constexpr std::size_t kRows = Spec::rows;
constexpr std::size_t kColumns = Spec::columns;
constexpr std::size_t kBits = Spec::symbol_bits;

// The file's inputs, checked.
struct Inputs {
  explicit Inputs(const VectorFile& file)
      : h(require(file, "h", Spec::h_format, {file.blocks, kRows, kColumns})),
        y(require(file, "y", Spec::y_format, {file.blocks, file.vectors, kRows})),
        index(require(file, "snr_index", "u" + std::to_string(Spec::index_bits) + ".0",
                             {file.blocks, file.vectors, 1})),
        vectors(file.vectors),
        total(file.blocks * file.vectors) {}

  Row row(std::size_t block, std::size_t i) const {
    Row row;
    for (std::size_t j = 0; j < kColumns; ++j) {
      row.entry[j] = h.values[(block * kRows + i) * kColumns + j];
    }
    return row;
  }

  Received received(std::size_t v) const {
    Received one;
    for (std::size_t i = 0; i < kRows; ++i) {
      one.y[i] = y.values[v * kRows + i];
    }
    one.index = index.values[v];
    one.last = (v + 1) % vectors == 0;
    return one;
  }

  const Wire& h;
  const Wire& y;
  const Wire& index;
  std::size_t vectors;
  std::size_t total;
};

inline void fill(const Inputs& in, std::size_t block, Matrix& h) {
  for (std::size_t i = 0; i < kRows; ++i) {
    const Row row = in.row(block, i);
    for (std::size_t j = 0; j < kColumns; ++j) {
      h[i][j] = row.entry[j];
    }
  }
}

template <class Number>
std::int64_t plain(const Number& q) {
  return static_cast<std::int64_t>(q);
}

template <class Element, std::size_t Size>
void compare(Count& count, const Wire& golden, std::size_t vector, const Element (&ours)[Size]) {
  for (std::size_t i = 0; i < Size; ++i) {
    count.check(vector, i, golden.values[vector * Size + i], plain(ours[i]));
  }
}

// Gray words against bits, first bit highest.
template <class Word>
void compare_bits(Count& count, const Wire& golden, std::size_t vector,
                  const Word (&words)[kColumns]) {
  for (std::size_t j = 0; j < kColumns; ++j) {
    const std::int64_t word = plain(words[j]);
    for (std::size_t b = 0; b < kBits; ++b) {
      const std::size_t element = j * kBits + b;
      const std::int64_t golden_bit = golden.values[vector * kColumns * kBits + element];
      count.check(vector, element, golden_bit, (word >> (kBits - 1 - b)) & 1);
    }
  }
}

inline void slice_all(const Wires& wires, Words& words) {
  for (std::size_t j = 0; j < kColumns; ++j) {
    words[j] = bitfold::slice<Spec::symbol_bits, Spec::state_bits>(wires.state[j], Spec::slicer);
  }
}

inline int depth_of(const std::string& layer) {
  for (int k = 1; k <= Spec::layers; ++k) {
    if (layer == Spec::detector + std::to_string(k)) {
      return k;
    }
  }
  if (layer != "slicer") {
    fail("layer " + layer + " is unknown");
  }
  return Spec::layers;
}

inline std::string prefix_of(int layer) { return Spec::detector + std::to_string(layer + 1) + "."; }

}  // namespace bench
