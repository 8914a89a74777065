// PGD-Net and ADMM-Net in INT8, for any way to multiply (`Products`).
//
// PgdInt8: golden model fixedpoint/pgd.py, bit for bit. AdmmInt8: the integers that
// benchmarks/latency_library.py, `Admm`, describes; tests/test_latency.py holds its reference.
#pragma once

#include <cstddef>

#include "bitfold_spec.hpp"
#include "latency_constants.hpp"
#include "latency_lanes.hpp"
#include "latency_prepare.hpp"

namespace latency {

using bitfold::Spec;

static_assert(Spec::rows == kSize && Spec::columns == kSize, "the kernels are 32 x 32");
static_assert(Spec::h_bits == 8 && Spec::code_bits == 8 && Spec::residual_bits == 8,
              "both products are int8 x int8");
static_assert(Spec::y_bits <= 16 && Spec::state_bits <= 16, "y and the state are int16");
static_assert(Spec::error_rounded_bits <= 32 && Spec::update_rounded_bits <= 32 &&
                  Spec::code_rounded_bits <= 32,
              "no intermediate of a lane passes int32");
static_assert(Spec::soft, "the soft threshold is the only prox here");

constexpr int largest(int bits) { return (1 << (bits - 1)) - 1; }

template <int Shift>
inline Ints round_half_up(Ints q) {
  return (q + (1 << (Shift - 1))) >> Shift;
}

// Rounded, then saturated to +-limit.
template <int Shift>
inline Ints requantize(Ints q, int limit) {
  return clamp(round_half_up<Shift>(q), Ints{} + limit);
}

template <class Products>
struct PgdInt8 {
  using Sample = std::int16_t;
  using State = std::int16_t;
  static constexpr int together = Products::together;

  struct Block {
    typename Products::Matrix8 h, transposed;
  };

  static void prepare(const float* h, float, Block& block) {
    const FloatMatrix channel = load_matrix(h);
    IntMatrix q, turned;
    quantize<Spec::h_bits, Constants::h_frac>(channel, q);
    transpose(q, turned);
    Products::pack(q, turned, block.h);
    Products::pack(turned, q, block.transposed);
  }

  template <int Vectors>
  static void detect(const Block& block, const Sample* y, const std::uint8_t* index, State* state) {
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
              accumulator[b].part[s] * step[b] - received[b].part[s] * (1 << Spec::y_align);
          residual[b].part[s] =
              requantize<Spec::residual_shift>(error, largest(Spec::residual_bits));
        }
      }
      Products::template multiply<Vectors>(block.transposed, residual, gradient);
      for (int b = 0; b < Vectors; ++b) {
        const std::int32_t x_scale = step[b] * (1 << Spec::x_align);
        const std::int32_t g_scale = Spec::eta[k] * (1 << Spec::g_align);
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
    }
  }
};

template <class Products>
struct AdmmInt8 {
  using Sample = std::int16_t;
  using State = std::int16_t;
  static constexpr int together = Products::together;

  struct Block {
    typename Products::Matrix8 p;
    typename Products::Matrix16 front;
  };

  static void prepare(const float* h, float rho, Block& block) {
    FloatMatrix p, front_transposed;
    admm_matrices(h, rho, p, front_transposed);
    IntMatrix q, turned;
    quantize<8, Constants::p_frac>(p, q);
    transpose(q, turned);
    Products::pack(q, turned, block.p);
    quantize<16, Constants::front_frac>(front_transposed, turned);
    transpose(turned, q);
    Products::pack(q, turned, block.front);
  }

  // Fractional bits: x0, z, u `code_frac`; x, exact, `wide`; relaxed `point`; v `state_frac`.
  template <int Vectors>
  static void detect(const Block& block, const Sample* y, const std::uint8_t*, State* state) {
    using C = Constants;
    constexpr int wide = C::p_frac + C::code_frac;
    constexpr int point = wide + C::relaxation_frac;
    constexpr std::int32_t to_wide = 1 << C::p_frac, to_point = 1 << (point - C::code_frac);
    constexpr std::int32_t old_share = to_wide * ((1 << C::relaxation_frac) - C::relaxation_q);
    constexpr std::int64_t code = largest(8), x_max = code * to_wide + kSize * code * code;
    static_assert(std::int64_t{kSize} * largest(16) * largest(Spec::y_bits) + (1 << 16) < INT32_MAX,
                  "F y fits int32 with its rounding constant");
    constexpr std::int64_t old_max = code * (old_share < 0 ? -old_share : old_share);
    constexpr std::int64_t relaxed_max = x_max * C::relaxation_q + old_max;
    constexpr std::int64_t gap_max = (relaxed_max + code * to_point) * C::dual_q;
    static_assert(gap_max + ((code * to_point + to_point) << C::dual_frac) < INT32_MAX,
                  "no intermediate of a lane passes int32");
    static_assert((C::box_q >> (C::state_frac - C::code_frac)) < largest(8), "z needs no clamp");
    IntVector received[Vectors], front[Vectors], z[Vectors] = {}, u[Vectors] = {}, v[Vectors];
    for (int b = 0; b < Vectors; ++b) {
      received[b] = load(y + b * kSize);
    }
    Products::template multiply<Vectors>(block.front, received, front);
    for (int b = 0; b < Vectors; ++b) {
      for (int s = 0; s < kParts; ++s) {
        constexpr int shift = C::front_frac + C::y_frac - C::code_frac;
        front[b].part[s] = requantize<shift>(front[b].part[s], largest(8)) * to_wide;
      }
    }
    for (int k = 0; k < C::layers; ++k) {
      IntVector difference[Vectors], product[Vectors] = {};
      if (k > 0) {
        for (int b = 0; b < Vectors; ++b) {
          for (int s = 0; s < kParts; ++s) {
            difference[b].part[s] = clamp(z[b].part[s] - u[b].part[s], Ints{} + largest(8));
          }
        }
        Products::template multiply<Vectors>(block.p, difference, product);
      }
      for (int b = 0; b < Vectors; ++b) {
        for (int s = 0; s < kParts; ++s) {
          const Ints x = front[b].part[s] + product[b].part[s];
          const Ints kept = z[b].part[s] * old_share;
          const Ints relaxed = x * C::relaxation_q + kept;
          const Ints lifted = u[b].part[s] * to_point;
          v[b].part[s] = requantize<point - C::state_frac>(relaxed + lifted, C::box_q);
          z[b].part[s] = round_half_up<C::state_frac - C::code_frac>(v[b].part[s]);
          const Ints gap = relaxed - z[b].part[s] * to_point;
          const Ints dual = lifted * (1 << C::dual_frac) + gap * C::dual_q;
          u[b].part[s] = requantize<point - C::code_frac + C::dual_frac>(dual, largest(8));
        }
      }
    }
    for (int b = 0; b < Vectors; ++b) {
      store(v[b], state + b * kSize);
    }
  }
};

}  // namespace latency
