// SPDX-License-Identifier: Apache-2.0
// Vectors of 32 entries as GCC vectors of the machine's register width: portable C++ with GCC's
// extension, the compiler chooses the instructions. Wider vectors than registers compile badly.
#pragma once

#include <cstdint>
#include <cstring>

namespace latency {

#if defined(__AVX512F__)
#define LATENCY_REGISTER 64
#elif defined(__AVX2__)
#define LATENCY_REGISTER 32
#else
#define LATENCY_REGISTER 16
#endif

using Floats = float __attribute__((vector_size(LATENCY_REGISTER)));
using Ints = std::int32_t __attribute__((vector_size(LATENCY_REGISTER)));
using Shorts = std::int16_t __attribute__((vector_size(LATENCY_REGISTER / 2)));
using Bytes = std::uint8_t __attribute__((vector_size(LATENCY_REGISTER / 4)));

constexpr int kSize = 32;  // M = N, real dimensions of 16 x 16 antennas
constexpr int kLanes = LATENCY_REGISTER / 4;
constexpr int kParts = kSize / kLanes;
constexpr int kSums = 8;  // running sums of a product that fill the pipeline and fit the registers

template <class Lanes>
struct Vector {
  Lanes part[kParts];
};

using FloatVector = Vector<Floats>;
using IntVector = Vector<Ints>;

// 32 x 32 entries, row by row.
template <class Lanes>
struct alignas(64) Matrix {
  Vector<Lanes> row[kSize];
};

using FloatMatrix = Matrix<Floats>;
using IntMatrix = Matrix<Ints>;

template <class Lanes>
inline Lanes clamp(Lanes value, Lanes limit) {
  const Lanes low = value < -limit ? -limit : value;
  return low > limit ? limit : low;
}

// 32 entries from memory of any alignment.
inline FloatVector load(const float* from) {
  FloatVector to;
  for (int s = 0; s < kParts; ++s) {
    std::memcpy(&to.part[s], from + s * kLanes, sizeof to.part[s]);
  }
  return to;
}

inline IntVector load(const std::int16_t* from) {
  IntVector to;
  for (int s = 0; s < kParts; ++s) {
    Shorts narrow;
    std::memcpy(&narrow, from + s * kLanes, sizeof narrow);
    to.part[s] = __builtin_convertvector(narrow, Ints);
  }
  return to;
}

inline void store(const FloatVector& from, float* to) {
  for (int s = 0; s < kParts; ++s) {
    std::memcpy(to + s * kLanes, &from.part[s], sizeof from.part[s]);
  }
}

inline void store(const IntVector& from, std::int16_t* to) {
  for (int s = 0; s < kParts; ++s) {
    const Shorts narrow = __builtin_convertvector(from.part[s], Shorts);
    std::memcpy(to + s * kLanes, &narrow, sizeof narrow);
  }
}

inline void store(const IntVector& from, std::int8_t* to) {
  for (int s = 0; s < kParts; ++s) {
    const Bytes narrow = __builtin_convertvector(from.part[s], Bytes);
    std::memcpy(to + s * kLanes, &narrow, sizeof narrow);
  }
}

inline FloatMatrix load_matrix(const float* from) {
  FloatMatrix to;
  std::memcpy(&to, from, sizeof to);
  return to;
}

// One step of a transposition: lane and row swap the bit of weight `Distance` of their numbers.
template <int Distance, class Lanes>
inline void exchange(Lanes (&row)[kLanes]) {
  Ints low, high;
  for (int lane = 0; lane < kLanes; ++lane) {
    const bool set = lane & Distance;
    low[lane] = set ? kLanes + lane - Distance : lane;
    high[lane] = set ? kLanes + lane : lane + Distance;
  }
  for (int i = 0; i < kLanes; ++i) {
    if ((i & Distance) == 0) {
      const Lanes first = row[i], second = row[i + Distance];
      row[i] = __builtin_shuffle(first, second, low);
      row[i + Distance] = __builtin_shuffle(first, second, high);
    }
  }
}

template <class Lanes>
inline void transpose(const Matrix<Lanes>& a, Matrix<Lanes>& result) {
  for (int top = 0; top < kParts; ++top) {
    for (int left = 0; left < kParts; ++left) {
      Lanes row[kLanes];
      for (int i = 0; i < kLanes; ++i) {
        row[i] = a.row[top * kLanes + i].part[left];
      }
      exchange<1>(row);
      exchange<2>(row);
      if constexpr (kLanes > 4) exchange<4>(row);
      if constexpr (kLanes > 8) exchange<8>(row);
      for (int i = 0; i < kLanes; ++i) {
        result.row[left * kLanes + i].part[top] = row[i];
      }
    }
  }
}

}  // namespace latency
