// The templates with native integers as a shared library, called by hls/native.py through ctypes.
// Golden model: fixedpoint/pgd.py. Arrays are row-major: h (G, M, N), y (G, B, M), index (G, B).
//
// Built with hidden symbols: the loader would share Spec's tables among the libraries of a process.
#include <cstddef>
#include <cstdint>

#include "bitfold/pgd_top.hpp"
#include "bitfold_spec.hpp"

namespace {

using bitfold::Spec;
using HostH = bitfold::Int<Spec::h_bits>;
using HostY = bitfold::Int<Spec::y_bits>;
using HostIndex = bitfold::UInt<Spec::index_bits>;

constexpr std::size_t kRows = Spec::rows;
constexpr std::size_t kColumns = Spec::columns;

void load(const HostH* from, bitfold::PgdMatrix<Spec>& h) {
  for (int i = 0; i < Spec::rows; ++i) {
    for (int j = 0; j < Spec::columns; ++j) {
      h[i][j] = bitfold::clamp_symmetric<Spec::h_bits>(from[i * Spec::columns + j]);
    }
  }
}

bitfold::ReceivedVector<Spec> receive(const HostY* y, HostIndex index) {
  bitfold::ReceivedVector<Spec> received;
  for (int i = 0; i < Spec::rows; ++i) {
    received.y[i] = y[i];
  }
  received.index = index;
  received.last = false;
  return received;
}

// Every wire of one layer of one vector, at `at` = its number among all (layer, vector) pairs.
struct Recorder {
  std::int64_t* accumulator;
  std::int64_t* residual;
  std::int64_t* gradient;
  std::int64_t* update;
  std::int64_t* state;
  std::int64_t* code;
  std::int64_t* bits;

  void record(std::size_t at, const bitfold::PgdWires<Spec>& wires,
              const bitfold::PgdCode<Spec>& x) const {
    for (std::size_t i = 0; i < kRows; ++i) {
      accumulator[at * kRows + i] = wires.accumulator[i];
      residual[at * kRows + i] = wires.residual[i];
    }
    for (std::size_t j = 0; j < kColumns; ++j) {
      gradient[at * kColumns + j] = wires.gradient[j];
      update[at * kColumns + j] = wires.update[j];
      state[at * kColumns + j] = wires.state[j];
      code[at * kColumns + j] = x[j];
      bits[at * kColumns + j] =
          bitfold::slice<Spec::symbol_bits, Spec::state_bits>(wires.state[j], Spec::slicer);
    }
  }
};

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

const char* bitfold_digest() { return Spec::digest; }

// The last layer of all vectors: state and code (G, B, N), bits (G, B, N) as Gray words.
void bitfold_run(const HostH* h, const HostY* y, const HostIndex* index, std::size_t blocks,
                 std::size_t vectors, bitfold::Int<Spec::state_bits>* state,
                 bitfold::Int<Spec::code_bits>* code, bitfold::UInt<Spec::symbol_bits>* bits) {
  bitfold::PgdMatrix<Spec> matrix;
  for (std::size_t v = 0; v < blocks * vectors; ++v) {
    if (v % vectors == 0) {
      load(h + v / vectors * kRows * kColumns, matrix);
    }
    const auto detected = bitfold::pgd_detect<Spec>(matrix, receive(y + v * kRows, index[v]));
    for (std::size_t j = 0; j < kColumns; ++j) {
      state[v * kColumns + j] = detected.state[j];
      code[v * kColumns + j] = detected.code[j];
      bits[v * kColumns + j] = detected.bits[j];
    }
  }
}

// Every wire of every layer, each array (layers, G, B, M) or (layers, G, B, N).
void bitfold_wires(const HostH* h, const HostY* y, const HostIndex* index, std::size_t blocks,
                   std::size_t vectors, const Recorder* recorder) {
  bitfold::PgdMatrix<Spec> matrix;
  for (std::size_t v = 0; v < blocks * vectors; ++v) {
    if (v % vectors == 0) {
      load(h + v / vectors * kRows * kColumns, matrix);
    }
    bitfold::PgdReceived<Spec> clamped;
    for (std::size_t i = 0; i < kRows; ++i) {
      clamped[i] = bitfold::clamp_symmetric<Spec::y_bits>(y[v * kRows + i]);
    }
    bitfold::PgdCode<Spec> x = {};
    for (int layer = 0; layer < Spec::layers; ++layer) {
      bitfold::PgdWires<Spec> wires;
      const auto constants = bitfold::pgd_constants<Spec>(layer, index[v]);
      bitfold::pgd_layer<Spec>(matrix, clamped, constants, x, wires);
      recorder->record(static_cast<std::size_t>(layer) * blocks * vectors + v, wires, x);
    }
  }
}

}  // extern "C"
#pragma GCC visibility pop
