// SPDX-License-Identifier: Apache-2.0
// ADMM-Net in INT8 by AVX512: VNNI's dot products, and a layer's 32 columns in one int16 register.
// Golden model: fixedpoint/detectors/admm.py, bit for bit; benchmarks/latency_golden.py compares every run.
//
// What saves the wide sums of AdmmInt8 is stated and asserted where it is used. Saturation to
// -2^15 by an instruction becomes -(2^15 - 1), the symmetric format's end, by `max`.
#pragma once

#include <immintrin.h>

#include "latency_int8_admm.hpp"
#include "latency_vnni.hpp"

namespace latency {

struct AdmmVnni {
  using Spec = AdmmSpec;
  using Plain = AdmmInt8<VnniProducts>;
  using Sample = std::int16_t;
  using State = std::int16_t;
  using Matrix = IntMatrix;
  using Block = Plain::Block;
  static constexpr int together = VnniProducts::together;
  static constexpr int stored = Plain::stored;

  static void matrices(const float* h, float rho, Matrix (&integers)[stored]) {
    Plain::matrices(h, rho, integers);
  }

  // Rows in the order that `narrow` undoes: part p, lane l holds row 8 (l / 4) + 4 p + l % 4.
  static void pack(const Matrix (&integers)[stored], Block& block) {
    Matrix mixed;
    mix_columns(integers[0], mixed);
    VnniProducts::pack_columns(mixed, block.front);
    mix_columns(integers[1], mixed);
    VnniProducts::pack_columns(mixed, block.p);
  }

  static void prepare(const float* h, float rho, Block& block) {
    Matrix integers[stored];
    matrices(h, rho, integers);
    pack(integers, block);
  }

  template <int Vectors>
  static void detect(const Block& block, const Sample* y, const std::uint8_t* index, State* state,
                     std::int8_t* code) {
    using E = Spec::Estimate;
    static_assert(E::shift == 0 && lift<E, 1> == 1, "x is a saturated sum of products as they are");
    const int entry = *index;
    IntVector front[Vectors], product[Vectors];
    __m512i z[Vectors] = {}, u[Vectors] = {}, v[Vectors], c[Vectors];
    __m256i difference[Vectors];
    VnniProducts::multiply<Vectors>(block.front, y, front);
    for (int b = 0; b < Vectors; ++b) {
      for (int s = 0; s < kParts; ++s) {
        front[b].part[s] =
            requantize<Spec::front_estimate_shift>(front[b].part[s],
                                                   largest(Spec::front_estimate_bits)) *
            lift<E, 0>;
      }
      product[b] = front[b];
      VnniProducts::add_start(block.p, front[b]);
    }
    for (int k = 0; k < Spec::layers; ++k) {
      if (k > 0) {
        VnniProducts::multiply_onto<Vectors>(block.p, difference, front, product);
      }
      for (int b = 0; b < Vectors; ++b) {
        const __m512i x = narrow(reinterpret_cast<__m512i>(product[b].part[0]),
                                 reinterpret_cast<__m512i>(product[b].part[1]));
        const __m512i relaxed = relax(k, x, z[b]);
        v[b] = box(k, relaxed, u[b]);
        c[b] = encode(v[b], Spec::inverse[k][entry]);
        z[b] = decode(c[b], Spec::step[k][entry]);
        u[b] = ascend(k, relaxed, z[b], u[b]);
        difference[b] = subtract(z[b], u[b]);
      }
    }
    for (int b = 0; b < Vectors; ++b) {
      _mm512_storeu_si512(state + b * kSize, v[b]);
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(code + b * kSize), bytes(c[b]));
    }
  }

 private:
  static_assert(Spec::state_bits == 16 && Spec::dual_bits == 8 && Spec::code_bits == 8,
                "the instructions' saturation is the state's; codes and duals are int8");

  static __m512i all(int value) { return _mm512_set1_epi16(static_cast<std::int16_t>(value)); }

  static __m512i symmetric(__m512i q) { return _mm512_max_epi16(q, all(-largest(16))); }

  static __m512i within(__m512i q, int limit) {
    return _mm512_min_epi16(_mm512_max_epi16(q, all(-limit)), all(limit));
  }

  // Saturated to the state: 32 columns of int32 to their int16.
  static __m512i narrow(__m512i low, __m512i high) {
    return symmetric(_mm512_packs_epi32(low, high));
  }

  // Saturated. GCC warns of the undefined register that the form without a mask starts from.
  static __m256i bytes(__m512i q) { return _mm512_maskz_cvtsepi16_epi8(~__mmask32{0}, q); }

  // z + rel (x - z) = rel x + (1 - rel) z, a pair of int16 products for each column.
  static __m512i relax(int k, __m512i x, __m512i z) {
    using R = Spec::Relaxed;
    constexpr int one = lift<R, 0>;
    static_assert(lift<R, 1> == 1 && one + largest(Spec::relaxation_bits) <= largest(16),
                  "rel and 1 - rel are int16 at the point of the sum");
    static_assert(R::shift > 0, "there is a rounding constant");
    const int rel = Spec::relaxation[k];
    const __m512i weights = _mm512_set1_epi32((one - rel) * 65536 | (rel & 0xffff));
    const __m512i half = _mm512_set1_epi32(1 << (R::shift - 1));
    const __m512i low = _mm512_dpwssd_epi32(half, _mm512_unpacklo_epi16(x, z), weights);
    const __m512i high = _mm512_dpwssd_epi32(half, _mm512_unpackhi_epi16(x, z), weights);
    return narrow(reinterpret_cast<__m512i>(reinterpret_cast<Ints>(low) >> R::shift),
                  reinterpret_cast<__m512i>(reinterpret_cast<Ints>(high) >> R::shift));
  }

  // The box lies within the state's format, so that saturating the sum before it changes nothing.
  static __m512i box(int k, __m512i relaxed, __m512i u) {
    using U = Spec::Update;
    static_assert(U::shift == 0 && lift<U, 0> == 1 &&
                      largest(Spec::dual_bits) * lift<U, 1> <= largest(16),
                  "xr + u is an int16 sum");
    const __m512i lifted = _mm512_slli_epi16(u, U::align[1]);
    return within(_mm512_adds_epi16(relaxed, lifted), Spec::threshold[k]);
  }

  // The product's upper half loses nothing: the rounding constant lies in it, and floors nest.
  static __m512i encode(__m512i v, int inverse) {
    static_assert(Spec::inverse_bits <= 16, "1/step is int16");
    static_assert(Spec::code_shift > 16, "the rounding constant is a multiple of 2^16");
    const __m512i upper = _mm512_mulhi_epi16(v, all(inverse));
    const __m512i half = all(1 << (Spec::code_shift - 17));
    return within(_mm512_srai_epi16(_mm512_add_epi16(upper, half), Spec::code_shift - 16),
                  largest(Spec::code_bits));
  }

  static constexpr int largest_step() {
    int most = 0;
    for (const auto& row : Spec::step) {
      for (const int step : row) {
        most = step > most ? step : most;
      }
    }
    return most;
  }

  // vpmulhrsw is (a b + 2^14) >> 15: with both factors lifted, the rounding of a shorter shift.
  static __m512i decode(__m512i code, int step) {
    constexpr int lifted = 15 - Spec::decoded_shift, first = lifted / 2, second = lifted - first;
    static_assert(Spec::decoded_shift <= 15 && (largest(8) << first) <= largest(16) &&
                      (largest_step() << second) <= largest(16),
                  "both factors are int16");
    static_assert((largest(8) * largest_step()) >> Spec::decoded_shift < largest(16),
                  "no code times a step saturates");
    return _mm512_mulhrs_epi16(_mm512_slli_epi16(code, first), all(step << second));
  }

  static constexpr int smallest_dual_step() {
    int least = Spec::dual_step[0];
    for (const int step : Spec::dual_step) {
      least = step < least ? step : least;
    }
    return least;
  }

  // u + un (xr - z): u is a multiple of the last bit and stays out of the rounding. A gap beyond
  // int16 may saturate: already at int16's ends it moves u from one end of its format to the other.
  static __m512i ascend(int k, __m512i relaxed, __m512i z, __m512i u) {
    using D = Spec::Dual;
    static_assert(D::shift == 15 && D::align[0] == 15 && lift<D, 1> == 1,
                  "vpmulhrsw rounds the change as the sum is rounded");
    static_assert(smallest_dual_step() > 2 * largest(Spec::dual_bits),
                  "a gap of 2^15 - 1 crosses the dual's whole format");
    const __m512i gap = _mm512_subs_epi16(relaxed, z);
    const __m512i change = _mm512_mulhrs_epi16(gap, all(Spec::dual_step[k]));
    return within(_mm512_add_epi16(u, change), largest(Spec::dual_bits));
  }

  // z - u, as bytes: u is a multiple of the last bit and stays out of the rounding.
  static __m256i subtract(__m512i z, __m512i u) {
    using N = Spec::Difference;
    static_assert(N::shift == N::align[1] && N::shift > 0 && lift<N, 0> == 1,
                  "z is rounded to the bits of u");
    static_assert(Spec::difference_bits == 8, "the instruction's saturation is the difference's");
    static_assert(((largest(8) * largest_step()) >> Spec::decoded_shift) + (1 << N::shift) <
                      largest(16),
                  "z and the rounding constant are int16");
    const __m512i rounded =
        _mm512_srai_epi16(_mm512_add_epi16(z, all(1 << (N::shift - 1))), N::shift);
    return _mm256_max_epi8(bytes(_mm512_sub_epi16(rounded, u)), _mm256_set1_epi8(-largest(8)));
  }

  static void mix_columns(const IntMatrix& a, IntMatrix& mixed) {
    for (int p = 0; p < kParts; ++p) {
      Ints column;
      for (int l = 0; l < kLanes; ++l) {
        column[l] = 8 * (l / 4) + 4 * p + l % 4;
      }
      for (int i = 0; i < kSize; ++i) {
        mixed.row[i].part[p] = __builtin_shuffle(a.row[i].part[0], a.row[i].part[1], column);
      }
    }
  }
};

}  // namespace latency
