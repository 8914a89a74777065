// SPDX-License-Identifier: Apache-2.0
// A program on arrays of plain integers: what it decides, or every wire.
// Golden model: fixedpoint/receivers/family.py, run. Arrays are row-major: h (G, R, N), y (G, B, M),
// index (G, B), a wire (G, B, ...).
#pragma once

#include "host.hpp"

namespace host {

template <class D>
using Entry = bitfold::Int<D::Spec::entry_bits>;

// Writes the wires of one vector, in the order of `trace`, to the arrays of all vectors.
class Recorder {
 public:
  Recorder(std::int64_t* const* wires, std::size_t vector) : next_(wires), vector_(vector) {}

  void layer(const std::string&) {}

  template <class Element, std::size_t Size>
  void operator()(const char*, const char*, const Element (&wire)[Size]) {
    put(*next_++ + vector_ * Size, wire);
  }

  template <class Element, std::size_t Size>
  void unit(const char*, const char*, std::size_t c, std::size_t units,
            const Element (&wire)[Size]) {
    put(*next_ + (vector_ * units + c) * Size, wire);
    next_ += c + 1 == units;
  }

  template <class Word, std::size_t Size>
  void bits(const char*, const char*, const Word (&words)[Size]) {
    put(*next_++ + vector_ * Size, words);
  }

 private:
  template <class Element, std::size_t Size>
  static void put(std::int64_t* to, const Element (&wire)[Size]) {
    for (std::size_t i = 0; i < Size; ++i) {
      to[i] = static_cast<std::int64_t>(wire[i]);
    }
  }

  std::int64_t* const* next_;
  std::size_t vector_;
};

// Writes what is decided of one vector to the arrays of all vectors, of the same types.
class Decisions {
 public:
  Decisions(void* const* arrays, std::size_t vector) : next_(arrays), vector_(vector) {}

  template <class Element, std::size_t Size>
  void operator()(const char*, const Element (&wire)[Size]) {
    Element* const to = static_cast<Element*>(*next_++) + vector_ * Size;
    for (std::size_t i = 0; i < Size; ++i) {
      to[i] = wire[i];
    }
  }

  template <class Word, std::size_t Size>
  void bits(const char* name, const Word (&words)[Size]) {
    (*this)(name, words);
  }

 private:
  void* const* next_;
  std::size_t vector_;
};

// Calls `use` with the matrices and the vector of each of `blocks` times `vectors` vectors.
template <class D, class H, class Y, class I, class Use>
void for_each_vector(const H* h, const Y* y, const I* index, std::size_t blocks,
                     std::size_t vectors, Use use) {
  using Spec = typename D::Spec;
  typename D::Block block{};
  for (std::size_t v = 0; v < blocks * vectors; ++v) {
    if (v % vectors == 0) {
      const H* const matrices = h + v / vectors * matrix_rows<D>() * Spec::columns;
      fill<D>(block, [matrices](int i, int j) { return matrices[i * Spec::columns + j]; },
              index[v]);
    }
    const Y* const samples = y + v * Spec::rows;
    use(v, block, receive<D>([samples](int i) { return samples[i]; }, index[v], false));
  }
}

// The last layer of all vectors: an array for each output, in the order of `show_decided`.
template <class D>
void run(const Entry<D>* h, const Sample<D>* y, const Index<D>* index, std::size_t blocks,
         std::size_t vectors, void* const* outputs) {
  for_each_vector<D>(h, y, index, blocks, vectors,
                     [outputs](std::size_t v, const auto& block, const auto& received) {
                       Decisions decisions(outputs, v);
                       show_decided(detect(block, received), decisions);
                     });
}

// Every wire of every layer: an array for each, in the order of `trace`; bits as Gray words.
template <class D, class H, class Y, class I>
void record(const H* h, const Y* y, const I* index, std::size_t blocks, std::size_t vectors,
            std::int64_t* const* wires) {
  for_each_vector<D>(h, y, index, blocks, vectors,
                     [wires](std::size_t v, const auto& block, const auto& received) {
                       Recorder recorder(wires, v);
                       trace<D>(block, received, all_layers<D>, recorder);
                     });
}

}  // namespace host
