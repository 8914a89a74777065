// SPDX-License-Identifier: Apache-2.0
// What a coherence block costs before its first vector: ADMM-Net's matrices, and quantization.
#pragma once

#include <cmath>

#include "latency_lanes.hpp"

namespace latency {

// result = A' x for `Vectors` vectors: the sum of the rows of A, weighted by x.
template <int Vectors>
[[gnu::always_inline]] inline void weighted_rows(const FloatMatrix& a,
                                                 const FloatVector (&x)[Vectors],
                                                 FloatVector (&result)[Vectors]) {
  constexpr int busy = Vectors * kParts;
  constexpr int chains = busy < kSums ? kSums / busy : 1;  // sums that do not wait for each other
  Floats sum[Vectors][chains][kParts] = {};
  alignas(64) float factor[Vectors][kSize];
  for (int v = 0; v < Vectors; ++v) {
    store(x[v], factor[v]);
  }
#pragma GCC unroll 32
  for (int j = 0; j < kSize; ++j) {
    Floats row[kParts];
#pragma GCC unroll 8
    for (int s = 0; s < kParts; ++s) {
      row[s] = a.row[j].part[s];
    }
#pragma GCC unroll 8
    for (int v = 0; v < Vectors; ++v) {
#pragma GCC unroll 8
      for (int s = 0; s < kParts; ++s) {
        sum[v][j % chains][s] += row[s] * factor[v][j];
      }
    }
  }
  for (int v = 0; v < Vectors; ++v) {
    for (int s = 0; s < kParts; ++s) {
      result[v].part[s] = sum[v][0][s];
      for (int c = 1; c < chains; ++c) {
        result[v].part[s] += sum[v][c][s];
      }
    }
  }
}

// The same. For several vectors a function of its own, which has all registers for its sums.
template <int Vectors>
[[gnu::noinline]] void product(const FloatMatrix& a, const FloatVector (&x)[Vectors],
                               FloatVector (&result)[Vectors]) {
  weighted_rows<Vectors>(a, x, result);
}

inline void product(const FloatMatrix& a, const FloatVector (&x)[1], FloatVector (&result)[1]) {
  weighted_rows<1>(a, x, result);
}

// Row i of A' B is B' applied to column i of A, which is row i of `a_transposed`.
inline void multiply(const FloatMatrix& a_transposed, const FloatMatrix& b, FloatMatrix& result) {
  constexpr int together = 4;
  for (int i = 0; i < kSize; i += together) {
    FloatVector x[together], rows[together];
    for (int v = 0; v < together; ++v) {
      x[v] = a_transposed.row[i + v];
    }
    product(b, x, rows);
    for (int v = 0; v < together; ++v) {
      result.row[i + v] = rows[v];
    }
  }
}

// W = (H'H + rho I)^-1 by Cholesky: eliminating the rows of [G | I], G = L L', leaves [L' | L^-1];
// W = L^-T L^-1.
inline void regularized_inverse(const FloatMatrix& h, float rho, FloatMatrix& w) {
  FloatMatrix turned, gram, inverse = {};
  transpose(h, turned);
  multiply(turned, h, gram);
  for (int i = 0; i < kSize; ++i) {
    gram.row[i].part[i / kLanes][i % kLanes] += rho;
    inverse.row[i].part[i / kLanes][i % kLanes] = 1;
  }
  for (int k = 0; k < kSize; ++k) {
    const float scale = 1 / std::sqrt(gram.row[k].part[k / kLanes][k % kLanes]);
    for (int s = 0; s < kParts; ++s) {
      gram.row[k].part[s] *= scale;
      inverse.row[k].part[s] *= scale;
    }
    for (int i = k + 1; i < kSize; ++i) {
      const float factor = gram.row[k].part[i / kLanes][i % kLanes];
      for (int s = 0; s < kParts; ++s) {
        gram.row[i].part[s] -= factor * gram.row[k].part[s];
        inverse.row[i].part[s] -= factor * inverse.row[k].part[s];
      }
    }
  }
  transpose(inverse, turned);
  multiply(turned, inverse, w);
}

// P = rho W, and the transpose of F = W H' (which is H W).
[[gnu::noinline]] inline void stored_matrices(const float* h, float rho, FloatMatrix& p,
                                            FloatMatrix& front) {
  const FloatMatrix channel = load_matrix(h);
  FloatMatrix w;
  regularized_inverse(channel, rho, w);
  multiply(channel, w, front);
  for (int i = 0; i < kSize; ++i) {
    for (int s = 0; s < kParts; ++s) {
      p.row[i].part[s] = rho * w.row[i].part[s];
    }
  }
}

// True unless an entry is `end` or more in size.
inline bool fits(const FloatMatrix& a, float end) {
  Floats most = {};
  for (int i = 0; i < kSize; ++i) {
    for (int s = 0; s < kParts; ++s) {
      const Floats entry = a.row[i].part[s];
      const Floats size = entry < 0 ? -entry : entry;
      most = size > most ? size : most;
    }
  }
  for (int lane = 0; lane < kLanes; ++lane) {
    if (most[lane] >= end) {
      return false;
    }
  }
  return true;
}

// Integers of the symmetric format of `Bits` bits, `Frac` of them fractional: round half up,
// saturate. floor(x + 1/2) = floor((floor(2x) + 1) / 2) adds in integers, where nothing is lost.
template <int Bits, int Frac>
void quantize(const FloatMatrix& a, IntMatrix& q) {
  constexpr std::int32_t limit = (1 << (Bits - 1)) - 1;
  constexpr float farthest = 4 * limit;  // saturates, and an int32 holds it
  for (int i = 0; i < kSize; ++i) {
    for (int s = 0; s < kParts; ++s) {
      const Floats scaled = a.row[i].part[s] * static_cast<float>(2 << Frac);
      const Floats doubled = clamp(scaled, Floats{} + farthest);
      const Ints towards_zero = __builtin_convertvector(doubled, Ints);
      const Ints above = __builtin_convertvector(towards_zero, Floats) > doubled;  // -1 or 0
      q.row[i].part[s] = clamp((towards_zero + above + 1) >> 1, Ints{} + limit);
    }
  }
}

}  // namespace latency
