// PGD-Net and ADMM-Net in FP32: the reference of the INT8 variants, written to be as fast as they.
//
// A matrix is stored so that the product is a sum of its rows: no reduction across lanes. PGD-Net
// therefore keeps H and its transpose.
#pragma once

#include <cstddef>

#include "latency_constants.hpp"
#include "latency_lanes.hpp"
#include "latency_prepare.hpp"

namespace latency {

// Vectors that share a load of the matrix.
constexpr int kFloatTogether = kLanes == 16 ? 8 : kLanes == 8 ? 2 : 1;

struct PgdFloat {
  using Sample = float;
  using State = float;
  static constexpr int together = kFloatTogether;

  struct Block {
    FloatMatrix h, transposed;
  };

  static void prepare(const float* h, float, Block& block) {
    block.h = load_matrix(h);
    transpose(block.h, block.transposed);
  }

  // Eqs. (6) to (8) of the KAQ paper on `Vectors` received vectors; x = 0 before layer 1.
  template <int Vectors>
  static void detect(const Block& block, const Sample* y, const std::uint8_t*, State* state) {
    FloatVector received[Vectors], x[Vectors] = {}, residual[Vectors], gradient[Vectors];
    for (int v = 0; v < Vectors; ++v) {
      received[v] = load(y + v * kSize);
    }
    for (int k = 0; k < Constants::layers; ++k) {
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
          const Floats u = x[v].part[s] - Constants::eta[k] * gradient[v].part[s];
          x[v].part[s] = u - clamp(u, Floats{} + Constants::threshold[k]);
        }
      }
    }
    for (int v = 0; v < Vectors; ++v) {
      store(x[v], state + v * kSize);
    }
  }
};

struct AdmmFloat {
  using Sample = float;
  using State = float;
  static constexpr int together = kFloatTogether;

  // P is symmetric; `front` is the transpose of F = W H'.
  struct Block {
    FloatMatrix p, front;
  };

  static void prepare(const float* h, float rho, Block& block) {
    admm_matrices(h, rho, block.p, block.front);
  }

  // x0 = F y, then layers of x = x0 + P (z - u), relaxation, box and dual step; z = u = 0 before
  // layer 1, whose product is therefore left out.
  template <int Vectors>
  static void detect(const Block& block, const Sample* y, const std::uint8_t*, State* state) {
    FloatVector received[Vectors], front[Vectors], z[Vectors] = {}, u[Vectors] = {};
    for (int v = 0; v < Vectors; ++v) {
      received[v] = load(y + v * kSize);
    }
    product(block.front, received, front);
    for (int k = 0; k < Constants::layers; ++k) {
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
          const Floats relaxed = Constants::relaxation * (x[v].part[s] + front[v].part[s]) +
                                 (1 - Constants::relaxation) * z[v].part[s];
          z[v].part[s] = clamp(relaxed + u[v].part[s], Floats{} + Constants::box);
          u[v].part[s] += Constants::dual * (relaxed - z[v].part[s]);
        }
      }
    }
    for (int v = 0; v < Vectors; ++v) {
      store(z[v], state + v * kSize);
    }
  }
};

}  // namespace latency
