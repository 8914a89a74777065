// SPDX-License-Identifier: Apache-2.0
// PGD-Net in INT8, for any way to multiply (`Products`).
// Golden model: fixedpoint/detectors/pgd.py, bit for bit; benchmarks/latency_golden.py compares every run.
#pragma once

#include "latency_int8.hpp"
#include "latency_prepare.hpp"
#include "latency_specs.hpp"

namespace latency {

template <class Products>
struct PgdInt8 {
  using Spec = PgdSpec;
  using Sample = std::int16_t;
  using State = std::int16_t;
  using Matrix = IntMatrix;
  static constexpr int together = Products::together;
  static constexpr int stored = 1;  // H

  static_assert(Spec::rows == kSize && Spec::columns == kSize, "the kernels are 32 x 32");
  static_assert(Spec::h_bits == 8 && Spec::code_bits == 8 && Spec::residual_bits == 8,
                "both products are int8 x int8");
  static_assert(Spec::y_bits <= 16 && Spec::state_bits <= 16, "y and the state are int16");
  static_assert(Spec::residual_rounded_bits <= 32 && Spec::update_rounded_bits <= 32 &&
                    Spec::code_rounded_bits <= 32,
                "no intermediate of a lane passes int32");
  static_assert(Spec::soft, "the soft threshold is the only prox here");

  struct Block {
    typename Products::Matrix8 h, transposed;
  };

  static void matrices(const float* h, float, Matrix (&integers)[stored]) {
    quantize<Spec::h_bits, Spec::h_frac>(load_matrix(h), integers[0]);
  }

  static void pack(const Matrix (&integers)[stored], Block& block) {
    Matrix turned;
    transpose(integers[0], turned);
    Products::pack(integers[0], turned, block.h);
    Products::pack(turned, integers[0], block.transposed);
  }

  static void prepare(const float* h, float rho, Block& block) {
    Matrix integers[stored];
    matrices(h, rho, integers);
    pack(integers, block);
  }

  template <int Vectors>
  static void detect(const Block& block, const Sample* y, const std::uint8_t* index, State* state,
                     std::int8_t* code) {
    IntVector received[Vectors], x[Vectors] = {}, residual[Vectors], gradient[Vectors], v[Vectors];
    std::int32_t step[Vectors] = {};
    for (int b = 0; b < Vectors; ++b) {
      received[b] = load(y + b * kSize);
    }
    for (int k = 0; k < Spec::layers; ++k) {
      IntVector accumulator[Vectors] = {};
      if (k > 0) {
        Products::template multiply<Vectors>(block.h, x, accumulator);
      }
      for (int b = 0; b < Vectors; ++b) {
        for (int s = 0; s < kParts; ++s) {
          const Ints error =
              accumulator[b].part[s] * step[b] - received[b].part[s] * (1 << Spec::Residual::align[1]);
          residual[b].part[s] =
              requantize<Spec::residual_shift>(error, largest(Spec::residual_bits));
        }
      }
      Products::template multiply<Vectors>(block.transposed, residual, gradient);
      for (int b = 0; b < Vectors; ++b) {
        const std::int32_t x_scale = step[b] * (1 << Spec::Update::align[0]);
        const std::int32_t g_scale = Spec::eta[k] * (1 << Spec::Update::align[1]);
        for (int s = 0; s < kParts; ++s) {
          const Ints change = x[b].part[s] * x_scale - gradient[b].part[s] * g_scale;
          const Ints u = requantize<Spec::update_shift>(change, largest(Spec::state_bits));
          v[b].part[s] = u - clamp(u, Ints{} + Spec::threshold[k]);
          x[b].part[s] = requantize<Spec::code_shift>(v[b].part[s] * Spec::inverse[k][index[b]],
                                                      largest(Spec::code_bits));
        }
        step[b] = Spec::step[k][index[b]];
      }
    }
    for (int b = 0; b < Vectors; ++b) {
      store(v[b], state + b * kSize);
      store(x[b], code + b * kSize);
    }
  }
};

}  // namespace latency
