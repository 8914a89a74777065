// SPDX-License-Identifier: Apache-2.0
// ADMM-Net in INT8, for any way to multiply (`Products`).
// Golden model: fixedpoint/detectors/admm.py, bit for bit; benchmarks/latency_golden.py compares every run.
#pragma once

#include "latency_int8.hpp"
#include "latency_prepare.hpp"
#include "latency_specs.hpp"

namespace latency {

template <class Products>
struct AdmmInt8 {
  using Spec = AdmmSpec;
  using Sample = std::int16_t;
  using State = std::int16_t;
  using Matrix = IntMatrix;
  static constexpr int together = Products::together;
  static constexpr int stored = 2;  // F', P

  static_assert(Spec::rows == kSize && Spec::columns == kSize, "the kernels are 32 x 32");
  static_assert(Spec::p_bits == 8 && Spec::difference_bits == 8, "P (z - u) is int8 x int8");
  static_assert(Spec::f_bits <= 16 && Spec::y_bits <= 16, "F y is int16 x int16");
  static_assert(Spec::state_bits <= 16 && Spec::code_bits == 8, "state int16, code int8");
  static_assert(Spec::front_filtered_bits <= 32 &&
                    Spec::front_estimate_rounded_bits <= 32 &&
                    Spec::code_rounded_bits <= 32 && Spec::decoded_rounded_bits <= 32,
                "no intermediate of a lane passes int32");
  static_assert(fits_lanes<Spec::Estimate> && fits_lanes<Spec::Relaxed> &&
                    fits_lanes<Spec::Update> && fits_lanes<Spec::Dual> &&
                    fits_lanes<Spec::Difference>,
                "no sum of a lane passes int32");
  static_assert(Spec::front_estimate_shift >= 0 && Spec::code_shift >= 0 && Spec::decoded_shift >= 0,
                "no requantization is a left shift");
  static_assert(!Spec::soft, "the box is the only prox here");

  struct Block {
    typename Products::Matrix8 p;
    typename Products::Matrix16 front;
  };

  // As fixedpoint/specs/prepare.py, but in float32: rho is doubled until every entry of F fits.
  static void matrices(const float* h, float rho, Matrix (&integers)[stored]) {
    FloatMatrix p, front;
    stored_matrices(h, rho, p, front);
    constexpr float end = (largest(Spec::f_bits) + 0.5f) / (1 << Spec::f_frac);
    while (!fits(front, end)) {
      rho *= 2;
      stored_matrices(h, rho, p, front);
    }
    quantize<Spec::f_bits, Spec::f_frac>(front, integers[0]);
    quantize<Spec::p_bits, Spec::p_frac>(p, integers[1]);
  }

  static void pack(const Matrix (&integers)[stored], Block& block) {
    Matrix turned;
    transpose(integers[0], turned);
    Products::pack(turned, integers[0], block.front);
    transpose(integers[1], turned);
    Products::pack(turned, integers[1], block.p);
  }

  static void prepare(const float* h, float rho, Block& block) {
    Matrix integers[stored];
    matrices(h, rho, integers);
    pack(integers, block);
  }

  // The vectors of a block have one SNR entry, as its matrices do: that of the first.
  template <int Vectors>
  static void detect(const Block& block, const Sample* y, const std::uint8_t* index, State* state,
                     std::int8_t* code) {
    constexpr int full = largest(Spec::state_bits);
    const int entry = *index;
    IntVector received[Vectors], front[Vectors], z[Vectors] = {}, u[Vectors] = {};
    IntVector difference[Vectors], product[Vectors] = {}, v[Vectors], c[Vectors];
    for (int b = 0; b < Vectors; ++b) {
      received[b] = load(y + b * kSize);
    }
    Products::template multiply<Vectors>(block.front, received, front);
    for (int b = 0; b < Vectors; ++b) {
      for (int s = 0; s < kParts; ++s) {
        front[b].part[s] =
            requantize<Spec::front_estimate_shift>(front[b].part[s], largest(Spec::front_estimate_bits)) *
            lift<typename Spec::Estimate, 0>;
      }
    }
    for (int k = 0; k < Spec::layers; ++k) {
      if (k > 0) {
        Products::template multiply<Vectors>(block.p, difference, product);
      }
      for (int b = 0; b < Vectors; ++b) {
        for (int s = 0; s < kParts; ++s) {
          using E = typename Spec::Estimate;
          using R = typename Spec::Relaxed;
          using U = typename Spec::Update;
          using D = typename Spec::Dual;
          using N = typename Spec::Difference;
          const Ints old_z = z[b].part[s], old_u = u[b].part[s];
          const Ints x = requantize<E::shift>(
              front[b].part[s] + product[b].part[s] * lift<E, 1>, full);
          const Ints towards_x = (x - old_z) * Spec::relaxation[k];
          const Ints relaxed =
              requantize<R::shift>(old_z * lift<R, 0> + towards_x * lift<R, 1>, full);
          // The box lies within the state's format: one clamp saturates and is the prox.
          v[b].part[s] = requantize<U::shift>(relaxed * lift<U, 0> + old_u * lift<U, 1>,
                                              Spec::threshold[k]);
          c[b].part[s] = requantize<Spec::code_shift>(v[b].part[s] * Spec::inverse[k][entry],
                                                      largest(Spec::code_bits));
          const Ints decoded =
              requantize<Spec::decoded_shift>(c[b].part[s] * Spec::step[k][entry], full);
          const Ints ascent = (relaxed - decoded) * Spec::dual_step[k];
          const Ints dual = requantize<D::shift>(old_u * lift<D, 0> + ascent * lift<D, 1>,
                                                 largest(Spec::dual_bits));
          difference[b].part[s] = requantize<N::shift>(decoded * lift<N, 0> - dual * lift<N, 1>,
                                                       largest(Spec::difference_bits));
          z[b].part[s] = decoded;
          u[b].part[s] = dual;
        }
      }
    }
    for (int b = 0; b < Vectors; ++b) {
      store(v[b], state + b * kSize);
      store(c[b], code + b * kSize);
    }
  }
};

}  // namespace latency
