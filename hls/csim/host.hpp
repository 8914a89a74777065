// SPDX-License-Identifier: Apache-2.0
// A program as test bench and library call it: plain integers in, every wire out to a visitor.
// Golden model: fixedpoint/receivers/family.py, run. `D` is the struct Detector that hls.emit prints.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "bitfold/channel.hpp"
#include "bitfold/converter.hpp"

namespace host {

template <class D>
using Index = bitfold::UInt<D::Spec::index_bits>;

template <class D>
using Sample = bitfold::Sample<typename D::Spec>;

// The rows of all matrices together.
template <class D>
constexpr int matrix_rows() {
  int rows = 0;
  for (const bitfold::MatrixPart& part : D::parts) {
    rows += part.rows;
  }
  return rows;
}

// Row q of unit c among the rows [Re; Im] of all antennas.
template <class Spec>
constexpr int real_row(int c, int q) {
  constexpr int half = Spec::unit_size / 2;
  return q < half ? c * half + q : Spec::rows / 2 + c * half + q - half;
}

// Where the i-th row of a stream stands among the matrices, one below the other: units one after
// another, of each its own rows.
template <class D>
constexpr int streamed_row(int i) {
  if constexpr (D::units) {
    using Spec = typename D::Spec;
    constexpr int size = Spec::unit_size;
    constexpr int each = size * (matrix_rows<D>() / Spec::rows);
    const int part = i % each / size;
    return part * Spec::rows + real_row<Spec>(i / each, i % size);
  } else {
    return i;
  }
}

// Row i of a stream by entry(row, column) of the matrices.
template <class D, class Entry>
typename D::Row row_at(Entry entry, int i, Index<D> index) {
  typename D::Row row;
  const int from = streamed_row<D>(i);
  for (int j = 0; j < D::Spec::columns; ++j) {
    row.entry[j] = entry(from, j);
  }
  if constexpr (D::one_index) {
    row.index = index;
  }
  return row;
}

// The rows of a block, in place of a stream.
template <class D, class Entry>
class Rows {
 public:
  Rows(Entry entry, Index<D> index) : entry_(entry), index_(index) {}

  typename D::Row read() { return row_at<D>(entry_, next_++, index_); }

 private:
  Entry entry_;
  Index<D> index_;
  int next_ = 0;
};

// What a block brings, by entry(row, column), clamped.
template <class D, class Entry>
void fill(typename D::Block& block, Entry entry, Index<D> index) {
  Rows<D, Entry> rows(entry, index);
  load(rows, block);
}

// A received vector by sample(i), i in the order of the real form, as it comes.
template <class D, class Sampled>
typename D::Received receive(Sampled sample, Index<D> index, bool last) {
  using Spec = typename D::Spec;
  typename D::Received received;
  if constexpr (D::units) {
    for (int c = 0; c < Spec::units; ++c) {
      for (int q = 0; q < Spec::unit_size; ++q) {
        received.y[c][q] = sample(real_row<Spec>(c, q));
      }
    }
  } else {
    for (int i = 0; i < Spec::rows; ++i) {
      received.y[i] = sample(i);
    }
  }
  received.index = index;
  received.last = last;
  return received;
}

// Shows each wire of the first `count` stages and layers to `visit`, in the order of the golden
// model.
template <class D, class Visit>
void trace(const typename D::Block& block, const typename D::Received& received, int count,
           Visit& visit) {
  typename D::Vector vector;
  start(block, received, vector);
  show_stages(count, vector, visit);
  for (int k = 0; k < count - D::stages; ++k) {
    layer(k, block, vector);
    decide(vector);
    visit.layer(D::Spec::detector + std::to_string(k + 1));
    show_layer(vector, visit);
  }
}

template <class D>
constexpr int all_layers = D::stages + D::Spec::layers;

// How many stages and layers there are up to the one of a name; none if the name is unknown.
template <class D>
std::optional<int> count_of(const std::string& layer) {
  for (int s = 0; s < D::stages; ++s) {
    if (layer == D::stage_names[s]) {
      return s + 1;
    }
  }
  for (int k = 1; k <= D::Spec::layers; ++k) {
    if (layer == D::Spec::detector + std::to_string(k)) {
      return D::stages + k;
    }
  }
  return layer == "slicer" ? std::optional<int>(all_layers<D>) : std::nullopt;
}

}  // namespace host
