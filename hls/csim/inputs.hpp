// SPDX-License-Identifier: Apache-2.0
// A golden file's inputs as the detector takes them.
// Golden model: fixedpoint/vectors/layers.py, collect.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "bitfold_program.hpp"
#include "host.hpp"
#include "vector_file.hpp"

namespace bench {

using bitfold::Detector;
using bitfold::Spec;

constexpr std::size_t kRows = Spec::rows;
constexpr std::size_t kColumns = Spec::columns;

// The file's inputs, checked.
struct Inputs {
  explicit Inputs(const VectorFile& file)
      : y(require(file, "y", Spec::y_format, {file.blocks, file.vectors, kRows})),
        index(require(file, "snr_index", "u" + std::to_string(Spec::index_bits) + ".0",
                      {file.blocks, file.vectors, 1})),
        vectors(file.vectors),
        total(file.blocks * file.vectors) {
    for (const bitfold::MatrixPart& part : Detector::parts) {
      const auto rows = static_cast<std::size_t>(part.rows);
      parts_.push_back(&require(file, part.name, part.format, {file.blocks, rows, kColumns}));
    }
    check_index();
  }

  // Row i of the block's matrices, in the order of the stream.
  bitfold::Row row(std::size_t block, int i) const {
    return host::row_at<Detector>([this, block](int row, int j) { return entry(block, row, j); }, i,
                        index.values[block * vectors]);
  }

  void fill(std::size_t block, bitfold::Block& to) const {
    host::fill<Detector>(to, [this, block](int i, int j) { return entry(block, i, j); },
               index.values[block * vectors]);
  }

  bitfold::Received received(std::size_t v) const {
    const std::int64_t* const samples = &y.values[v * kRows];
    return host::receive<Detector>([samples](int i) { return samples[i]; }, index.values[v],
                         (v + 1) % vectors == 0);
  }

  // The wires that a file's inputs are made of.
  static std::set<std::string> names() {
    std::set<std::string> found = {"y", "snr_index"};
    for (const bitfold::MatrixPart& part : Detector::parts) {
      found.insert(part.name);
    }
    return found;
  }

  const Wire& y;
  const Wire& index;
  std::size_t vectors;
  std::size_t total;

 private:
  void check_index() const {
    for (std::size_t v = 0; v < total; ++v) {
      const std::int64_t own = index.values[v], first = index.values[v - v % vectors];
      if (own >= Spec::bank) {
        fail("SNR index " + std::to_string(own) + " is outside the bank 0 to " +
             std::to_string(Spec::bank - 1));
      }
      if (Detector::one_index && own != first) {
        fail("vector " + std::to_string(v % vectors) + " of block " +
             std::to_string(v / vectors) + " has the SNR index " + std::to_string(own) + ", " +
             std::to_string(first) + " was expected");
      }
    }
  }

  std::int64_t entry(std::size_t block, int i, int j) const {
    std::size_t part = 0;
    while (i >= Detector::parts[part].rows) {
      i -= Detector::parts[part++].rows;
    }
    const auto rows = static_cast<std::size_t>(Detector::parts[part].rows);
    return parts_[part]->values[(block * rows + static_cast<std::size_t>(i)) * kColumns +
                                static_cast<std::size_t>(j)];
  }

  std::vector<const Wire*> parts_;
};

}  // namespace bench
