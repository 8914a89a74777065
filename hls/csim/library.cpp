// SPDX-License-Identifier: Apache-2.0
// The templates with native integers as a shared library, called by hls/native.py through ctypes.
// Golden model: fixedpoint/family.py, run. Arrays are row-major: h (G, R, N), y (G, B, M),
// index (G, B), a wire (G, B, ...).
//
// Built with hidden symbols: the loader would share Spec's tables among the libraries of a process.
#include <cstddef>
#include <cstdint>
#include <string>

#include "detector.hpp"

namespace {

using host::Spec;
using HostH = bitfold::Int<Spec::h_bits>;
using HostIndex = host::Index;

// Writes the wires of one vector, in the order of `host::trace`, to the arrays of all vectors.
class Recorder {
 public:
  Recorder(std::int64_t* const* wires, std::size_t vector) : next_(wires), vector_(vector) {}

  void layer(const std::string&) {}

  template <class Element, std::size_t Size>
  void operator()(const char*, const char*, const Element (&wire)[Size]) {
    std::int64_t* const to = *next_++ + vector_ * Size;
    for (std::size_t i = 0; i < Size; ++i) {
      to[i] = wire[i];
    }
  }

  template <class Element, std::size_t Units, std::size_t Size>
  void operator()(const char*, const char*, const Element (&wire)[Units][Size]) {
    std::int64_t* const to = *next_++ + vector_ * Units * Size;
    for (std::size_t i = 0; i < Units * Size; ++i) {
      to[i] = wire[i / Size][i % Size];
    }
  }

  template <class Word, std::size_t Size>
  void bits(const char* name, const char* format, const Word (&words)[Size]) {
    (*this)(name, format, words);
  }

 private:
  std::int64_t* const* next_;
  std::size_t vector_;
};

// Calls `use` with the matrices and the vector of each of `blocks` times `vectors` vectors.
template <class Use>
void for_each_vector(const HostH* h, const host::Sample* y, const HostIndex* index,
                     std::size_t blocks, std::size_t vectors, Use use) {
  host::Channel channel;
  for (std::size_t v = 0; v < blocks * vectors; ++v) {
    if (v % vectors == 0) {
      const HostH* const matrices = h + v / vectors * host::rows_of(host::parts) * Spec::columns;
      host::fill(channel, [matrices](int i, int j) { return matrices[i * Spec::columns + j]; },
                 index[v]);
    }
    const host::Sample* const samples = y + v * Spec::rows;
    use(v, channel, host::receive([samples](int i) { return samples[i]; }, index[v], false));
  }
}

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

const char* bitfold_digest() { return Spec::digest; }

// The last layer of all vectors.
void bitfold_run(const HostH* h, const host::Sample* y, const HostIndex* index, std::size_t blocks,
                 std::size_t vectors, const host::Outputs* outputs) {
  for_each_vector(h, y, index, blocks, vectors,
                  [outputs](std::size_t v, const host::Channel& channel,
                            const host::Received& received) {
                    outputs->put(v, host::detect(channel, received));
                  });
}

// Every wire of every layer: an array for each, in the order of `host::trace`; bits as Gray words.
void bitfold_wires(const HostH* h, const host::Sample* y, const HostIndex* index,
                   std::size_t blocks, std::size_t vectors, std::int64_t* const* wires) {
  for_each_vector(h, y, index, blocks, vectors,
                  [wires](std::size_t v, const host::Channel& channel,
                          const host::Received& received) {
                    Recorder recorder(wires, v);
                    host::trace(channel, received, Spec::layers, recorder);
                  });
}

}  // extern "C"
#pragma GCC visibility pop
