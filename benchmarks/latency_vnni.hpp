// SPDX-License-Identifier: Apache-2.0
// Integer products by AVX512-VNNI: 16 rows a register, four int8 (or two int16) products a lane.
//
// vpdpbusd multiplies unsigned by signed bytes: codes enter as x + 128, and `start` takes 128 times
// the row's sum off again. Neither instruction used here saturates.
#pragma once

#include <immintrin.h>

#include "latency_lanes.hpp"

namespace latency {

static_assert(kLanes == 16, "AVX512 is switched on");

struct VnniProducts {
  static constexpr int together = 4;  // vectors that share a load of the matrix

  // entry [group][part][lane]: a dword of columns 4 group ... 4 group + 3 (int16: 2 ... + 1) of row
  // 16 part + lane.
  struct alignas(64) Matrix8 {
    std::int8_t entry[kSize / 4][kParts][kLanes][4];
    std::int32_t start[kSize];
  };

  struct alignas(64) Matrix16 {
    std::int16_t entry[kSize / 2][kParts][kLanes][2];
  };

  template <class Packed>
  static void pack(const IntMatrix&, const IntMatrix& turned, Packed& packed) {
    pack_columns(turned, packed);
  }

  // `turned` is the transpose: its rows hold a column of all 32 rows, four of them make a group.
  static void pack_columns(const IntMatrix& turned, Matrix8& packed) {
    Ints sum[kParts] = {};
    for (int g = 0; g < kSize / 4; ++g) {
      for (int s = 0; s < kParts; ++s) {
        Ints dwords = {};
        for (int j = 0; j < 4; ++j) {
          const Ints column = turned.row[4 * g + j].part[s];
          sum[s] += column;
          dwords |= (column & 0xff) << (8 * j);
        }
        std::memcpy(packed.entry[g][s], &dwords, sizeof dwords);
      }
    }
    for (int s = 0; s < kParts; ++s) {
      const Ints start = sum[s] * -128;
      std::memcpy(packed.start + s * kLanes, &start, sizeof start);
    }
  }

  static void pack_columns(const IntMatrix& turned, Matrix16& packed) {
    for (int g = 0; g < kSize / 2; ++g) {
      for (int s = 0; s < kParts; ++s) {
        const Ints first = turned.row[2 * g].part[s], second = turned.row[2 * g + 1].part[s];
        const Ints dwords = (first & 0xffff) | (second << 16);
        std::memcpy(packed.entry[g][s], &dwords, sizeof dwords);
      }
    }
  }

  template <int Vectors>
  static void multiply(const Matrix8& a, const IntVector (&x)[Vectors],
                       IntVector (&result)[Vectors]) {
    constexpr int groups = kSize / 4;
    constexpr int busy = Vectors * kParts;
    constexpr int chains = busy < kSums ? kSums / busy : 1;  // sums that do not wait for each other
    Ints codes[Vectors][kParts];
    __m512i sum[Vectors][chains][kParts] = {};
    for (int b = 0; b < Vectors; ++b) {
      for (int s = 0; s < kParts; ++s) {
        const Bytes shifted = __builtin_convertvector(x[b].part[s] + 128, Bytes);
        codes[b][s] = reinterpret_cast<Ints>(
            _mm512_castsi128_si512(reinterpret_cast<__m128i>(shifted)));
        sum[b][0][s] = _mm512_load_si512(a.start + s * kLanes);
      }
    }
#pragma GCC unroll 8
    for (int g = 0; g < groups; ++g) {
      constexpr int in_part = groups / kParts;
      const Ints lane = Ints{} + g % in_part;
#pragma GCC unroll 8
      for (int b = 0; b < Vectors; ++b) {
        const auto four =
            reinterpret_cast<__m512i>(__builtin_shuffle(codes[b][g / in_part], lane));
        for (int s = 0; s < kParts; ++s) {
          __m512i& target = sum[b][g % chains][s];
          target = _mm512_dpbusd_epi32(target, four, _mm512_load_si512(a.entry[g][s]));
        }
      }
    }
    add_up<Vectors, chains>(sum, result);
  }

  // Of vectors that lie one after the other.
  template <int Vectors>
  static void multiply(const Matrix16& a, const std::int16_t* x, IntVector (&result)[Vectors]) {
    constexpr int groups = kSize / 2;
    constexpr int busy = Vectors * kParts;
    constexpr int chains = busy < kSums ? kSums / busy : 1;
    Ints pairs[Vectors];
    __m512i sum[Vectors][chains][kParts] = {};
    for (int b = 0; b < Vectors; ++b) {
      std::memcpy(&pairs[b], x + b * kSize, sizeof pairs[b]);
    }
#pragma GCC unroll 16
    for (int g = 0; g < groups; ++g) {
      const Ints lane = Ints{} + g;
#pragma GCC unroll 8
      for (int b = 0; b < Vectors; ++b) {
        const auto two = reinterpret_cast<__m512i>(__builtin_shuffle(pairs[b], lane));
        for (int s = 0; s < kParts; ++s) {
          __m512i& target = sum[b][g % chains][s];
          target = _mm512_dpwssd_epi32(target, two, _mm512_load_si512(a.entry[g][s]));
        }
      }
    }
    add_up<Vectors, chains>(sum, result);
  }

  // What takes the 128 of every code off the products that are added to a sum.
  static void add_start(const Matrix8& a, IntVector& sum) {
    for (int s = 0; s < kParts; ++s) {
      sum.part[s] += reinterpret_cast<Ints>(_mm512_load_si512(a.start + s * kLanes));
    }
  }

  // The products of codes that are bytes already, added to sums that `add_start` has prepared.
  template <int Vectors>
  static void multiply_onto(const Matrix8& a, const __m256i (&x)[Vectors],
                            const IntVector (&start)[Vectors], IntVector (&result)[Vectors]) {
    constexpr int groups = kSize / 4;
    constexpr int busy = Vectors * kParts;
    constexpr int chains = busy < kSums ? kSums / busy : 1;
    Ints codes[Vectors];
    __m512i sum[Vectors][chains][kParts] = {};
    for (int b = 0; b < Vectors; ++b) {
      const __m256i shifted = _mm256_xor_si256(x[b], _mm256_set1_epi8(-128));
      codes[b] = reinterpret_cast<Ints>(_mm512_castsi256_si512(shifted));
      for (int s = 0; s < kParts; ++s) {
        sum[b][0][s] = reinterpret_cast<__m512i>(start[b].part[s]);
      }
    }
#pragma GCC unroll 8
    for (int g = 0; g < groups; ++g) {
      const Ints lane = Ints{} + g;
#pragma GCC unroll 8
      for (int b = 0; b < Vectors; ++b) {
        const auto four = reinterpret_cast<__m512i>(__builtin_shuffle(codes[b], lane));
        for (int s = 0; s < kParts; ++s) {
          __m512i& target = sum[b][g % chains][s];
          target = _mm512_dpbusd_epi32(target, four, _mm512_load_si512(a.entry[g][s]));
        }
      }
    }
    add_up<Vectors, chains>(sum, result);
  }

 private:
  template <int Vectors, int Chains>
  static void add_up(const __m512i (&sum)[Vectors][Chains][kParts],
                     IntVector (&result)[Vectors]) {
    for (int b = 0; b < Vectors; ++b) {
      for (int s = 0; s < kParts; ++s) {
        __m512i total = sum[b][0][s];
        for (int c = 1; c < Chains; ++c) {
          total = _mm512_add_epi32(total, sum[b][c][s]);
        }
        result[b].part[s] = reinterpret_cast<Ints>(total);
      }
    }
  }
};

}  // namespace latency
