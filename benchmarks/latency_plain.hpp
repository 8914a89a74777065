// SPDX-License-Identifier: Apache-2.0
// Integer products in plain C++: a dot product a row, left to the compiler's vectorizer.
//
// Codes enter as unsigned bytes x + 128, because a signed times an unsigned byte is what processors
// multiply in pairs or fours; `start` takes 128 times the row's sum off again.
#pragma once

#include "latency_lanes.hpp"

namespace latency {

struct PlainProducts {
  static constexpr int together = 1;  // the compiler holds one vector's codes in registers anyway

  struct alignas(64) Matrix8 {
    std::int8_t row[kSize][kSize];
    std::int32_t start[kSize];
  };

  struct alignas(64) Matrix16 {
    std::int16_t row[kSize][kSize];
  };

  static void pack(const IntMatrix& a, const IntMatrix& turned, Matrix8& packed) {
    IntVector sum = {};
    for (int i = 0; i < kSize; ++i) {
      for (int s = 0; s < kParts; ++s) {
        const Bytes narrow = __builtin_convertvector(a.row[i].part[s], Bytes);
        std::memcpy(packed.row[i] + s * kLanes, &narrow, sizeof narrow);
        sum.part[s] += turned.row[i].part[s];
      }
    }
    for (int s = 0; s < kParts; ++s) {
      const Ints start = sum.part[s] * -128;
      std::memcpy(packed.start + s * kLanes, &start, sizeof start);
    }
  }

  static void pack(const IntMatrix& a, const IntMatrix&, Matrix16& packed) {
    for (int i = 0; i < kSize; ++i) {
      store(a.row[i], packed.row[i]);
    }
  }

  template <int Vectors>
  static void multiply(const Matrix8& a, const IntVector (&x)[Vectors],
                       IntVector (&result)[Vectors]) {
    for (int b = 0; b < Vectors; ++b) {
      alignas(64) std::uint8_t shifted[kSize];
      for (int s = 0; s < kParts; ++s) {
        const Bytes narrow = __builtin_convertvector(x[b].part[s] + 128, Bytes);
        std::memcpy(shifted + s * kLanes, &narrow, sizeof narrow);
      }
      alignas(64) std::int32_t sums[kSize];
      for (int i = 0; i < kSize; ++i) {
        std::int32_t sum = 0;
        for (int j = 0; j < kSize; ++j) {
          sum += shifted[j] * a.row[i][j];
        }
        sums[i] = sum + a.start[i];
      }
      for (int s = 0; s < kParts; ++s) {
        std::memcpy(&result[b].part[s], sums + s * kLanes, sizeof result[b].part[s]);
      }
    }
  }

  template <int Vectors>
  static void multiply(const Matrix16& a, const IntVector (&x)[Vectors],
                       IntVector (&result)[Vectors]) {
    for (int b = 0; b < Vectors; ++b) {
      alignas(64) std::int16_t narrow[kSize];
      store(x[b], narrow);
      alignas(64) std::int32_t sums[kSize];
      for (int i = 0; i < kSize; ++i) {
        std::int32_t sum = 0;
        for (int j = 0; j < kSize; ++j) {
          sum += narrow[j] * a.row[i][j];
        }
        sums[i] = sum;
      }
      for (int s = 0; s < kParts; ++s) {
        std::memcpy(&result[b].part[s], sums + s * kLanes, sizeof result[b].part[s]);
      }
    }
  }
};

}  // namespace latency
