// A golden file's inputs as the detector takes them.
// Golden model: fixedpoint/golden.py, collect.
#pragma once

#include <string>

#include "detector.hpp"
#include "vector_file.hpp"

namespace bench {

using host::Spec;

constexpr std::size_t kRows = Spec::rows;
constexpr std::size_t kColumns = Spec::columns;

// The file's inputs, checked.
struct Inputs {
  explicit Inputs(const VectorFile& file)
      : h(require(file, "h", Spec::h_format, {file.blocks, kRows, kColumns})),
        y(require(file, "y", Spec::y_format, {file.blocks, file.vectors, kRows})),
        index(require(file, "snr_index", "u" + std::to_string(Spec::index_bits) + ".0",
                      {file.blocks, file.vectors, 1})),
        vectors(file.vectors),
        total(file.blocks * file.vectors) {}

  // Row i of H in the order of the real form.
  bitfold::ChannelRow<Spec> row(std::size_t block, int i) const {
    bitfold::ChannelRow<Spec> row;
    for (int j = 0; j < Spec::columns; ++j) {
      row.entry[j] = entry(block, i, j);
    }
    return row;
  }

  void channel(std::size_t block, host::Channel& to) const {
    host::fill(to, [this, block](int i, int j) { return entry(block, i, j); });
  }

  host::Received received(std::size_t v) const {
    const std::int64_t* const samples = &y.values[v * kRows];
    return host::receive([samples](int i) { return samples[i]; }, index.values[v],
                         (v + 1) % vectors == 0);
  }

  const Wire& h;
  const Wire& y;
  const Wire& index;
  std::size_t vectors;
  std::size_t total;

 private:
  std::int64_t entry(std::size_t block, int i, int j) const {
    return h.values[(block * kRows + static_cast<std::size_t>(i)) * kColumns +
                    static_cast<std::size_t>(j)];
  }
};

}  // namespace bench
