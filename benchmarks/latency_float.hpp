// SPDX-License-Identifier: Apache-2.0
// PGD-Net and ADMM-Net in FP32: the reference of the INT8 variants, written to be as fast as they.
//
// A matrix is stored so that the product is a sum of its rows: no reduction across lanes. PGD-Net
// therefore keeps H and its transpose.
#pragma once

#include "latency_lanes.hpp"
#include "latency_prepare.hpp"
#include "latency_specs.hpp"

namespace latency {

// Vectors that share a load of the matrix.
constexpr int kFloatTogether = kLanes == 16 ? 8 : kLanes == 8 ? 2 : 1;

struct PgdFloat {
  using Spec = PgdSpec;
  using Sample = float;
  using State = float;
  using Matrix = FloatMatrix;
  static constexpr int together = kFloatTogether;
  static constexpr int stored = 1;  // H

  struct Block {
    FloatMatrix h, transposed;
  };

  static void matrices(const float* h, float, Matrix (&reals)[stored]) {
    reals[0] = load_matrix(h);
  }

  static void pack(const Matrix (&reals)[stored], Block& block) {
    block.h = reals[0];
    transpose(reals[0], block.transposed);
  }

  static void prepare(const float* h, float, Block& block) {
    block.h = load_matrix(h);
    transpose(block.h, block.transposed);
  }

  // Eqs. (6) to (8) of the KAQ paper on `Vectors` received vectors; x = 0 before layer 1.
  template <int Vectors>
  static void detect(const Block& block, const Sample* y, const std::uint8_t*, State* state,
                     std::int8_t*) {
    FloatVector received[Vectors], x[Vectors] = {}, residual[Vectors], gradient[Vectors];
    for (int v = 0; v < Vectors; ++v) {
      received[v] = load(y + v * kSize);
    }
    for (int k = 0; k < Spec::layers; ++k) {
      if (k > 0) {
        product(block.transposed, x, residual);
      }
      for (int v = 0; v < Vectors; ++v) {
        for (int s = 0; s < kParts; ++s) {
          const Floats hx = k > 0 ? residual[v].part[s] : Floats{};
          residual[v].part[s] = hx - received[v].part[s];
        }
      }
      product(block.h, residual, gradient);
      for (int v = 0; v < Vectors; ++v) {
        for (int s = 0; s < kParts; ++s) {
          const Floats u = x[v].part[s] - Spec::eta_real[k] * gradient[v].part[s];
          x[v].part[s] = u - clamp(u, Floats{} + Spec::threshold_real[k]);
        }
      }
    }
    for (int v = 0; v < Vectors; ++v) {
      store(x[v], state + v * kSize);
    }
  }
};

struct AdmmFloat {
  using Spec = AdmmSpec;
  using Sample = float;
  using State = float;
  using Matrix = FloatMatrix;
  static constexpr int together = kFloatTogether;
  static constexpr int stored = 2;  // F', P

  struct Block {
    FloatMatrix front, p;
  };

  static void matrices(const float* h, float rho, Matrix (&reals)[stored]) {
    stored_matrices(h, rho, reals[1], reals[0]);
  }

  static void pack(const Matrix (&reals)[stored], Block& block) {
    block.front = reals[0];
    block.p = reals[1];
  }

  static void prepare(const float* h, float rho, Block& block) {
    stored_matrices(h, rho, block.p, block.front);
  }

  // x0 = F y, then layers of x = x0 + P (z - u), relaxation, box and dual step; z = u = 0 before
  // layer 1, whose product is therefore left out.
  template <int Vectors>
  static void detect(const Block& block, const Sample* y, const std::uint8_t*, State* state,
                     std::int8_t*) {
    FloatVector received[Vectors], front[Vectors], z[Vectors] = {}, u[Vectors] = {};
    for (int v = 0; v < Vectors; ++v) {
      received[v] = load(y + v * kSize);
    }
    product(block.front, received, front);
    for (int k = 0; k < Spec::layers; ++k) {
      FloatVector difference[Vectors], x[Vectors] = {};
      if (k > 0) {
        for (int v = 0; v < Vectors; ++v) {
          for (int s = 0; s < kParts; ++s) {
            difference[v].part[s] = z[v].part[s] - u[v].part[s];
          }
        }
        product(block.p, difference, x);
      }
      for (int v = 0; v < Vectors; ++v) {
        for (int s = 0; s < kParts; ++s) {
          const Floats relaxed = Spec::relaxation_real[k] * (x[v].part[s] + front[v].part[s]) +
                                 (1 - Spec::relaxation_real[k]) * z[v].part[s];
          z[v].part[s] = clamp(relaxed + u[v].part[s], Floats{} + Spec::threshold_real[k]);
          u[v].part[s] += Spec::dual_step_real[k] * (relaxed - z[v].part[s]);
        }
      }
    }
    for (int v = 0; v < Vectors; ++v) {
      store(z[v], state + v * kSize);
    }
  }
};

}  // namespace latency
