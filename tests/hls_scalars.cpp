// SPDX-License-Identifier: Apache-2.0
// Prints the scalar functions of hls/include over all or many inputs, one line each:
// NAME PARAMETERS : RESULTS. tests/test_hls_scalars.py compares them with fixedpoint.
#include <cstdint>
#include <iostream>
#include <utility>
#include <vector>

#include "bitfold/arithmetic.hpp"
#include "bitfold/grid.hpp"
#include "bitfold/lookup.hpp"
#include "bitfold/prox.hpp"
#include "bitfold/quotient.hpp"
#include "bitfold/requantize.hpp"
#include "bitfold/slicer.hpp"
#include "bitfold/top.hpp"

namespace {

using bitfold::Int;
using Inputs = std::vector<std::int64_t>;

// All integers of a width, symmetric or not; beyond 8 bits those within 2 of 0 and powers of two.
Inputs inputs(int bits) {
  const std::int64_t high = (std::int64_t{1} << (bits - 1)) - 1;
  Inputs q;
  if (bits <= 8) {
    for (std::int64_t i = -high - 1; i <= high; ++i) {
      q.push_back(i);
    }
    return q;
  }
  for (int power = 0; power < bits; ++power) {
    for (std::int64_t near = -2; near <= 2; ++near) {
      const std::int64_t one = (std::int64_t{1} << power) + near;
      for (const std::int64_t i : {one, -one}) {
        if (i >= -high - 1 && i <= high) {
          q.push_back(i);
        }
      }
    }
  }
  return q;
}

template <int Work, int Source, int Shift, int Target>
void requantize() {
  std::cout << "requantize " << Source << ' ' << Shift << ' ' << Target << " :";
  for (const std::int64_t q : inputs(Source)) {
    const auto target = bitfold::requantize<Shift, Work, Target>(static_cast<Int<Work>>(q));
    std::cout << ' ' << static_cast<std::int64_t>(target);
  }
  std::cout << '\n';
}

template <int Source, int Shift>
void requantize_targets() {
  constexpr int work = bitfold::work_bits(Source, Shift);
  requantize<work, Source, Shift, 2>();
  requantize<work, Source, Shift, 5>();
  requantize<work, Source, Shift, 16>();
  if constexpr (Shift >= Source) {
    requantize<Source, Source, Shift, 5>();
  }
}

template <int Source, int Shift, int Target>
void requantize_unsigned() {
  constexpr int work = bitfold::work_bits(Source, Shift);
  std::cout << "unsigned " << Source << ' ' << Shift << ' ' << Target << " :";
  for (const std::int64_t q : inputs(Source)) {
    const auto held = static_cast<Int<work>>(q);
    std::cout << ' ' << static_cast<std::int64_t>(
        bitfold::requantize_unsigned<Shift, work, Target>(held));
  }
  std::cout << '\n';
}

template <int Source, int Target>
void requantize_by(int shift) {
  constexpr int work = 40;
  std::cout << "by " << Source << ' ' << shift << ' ' << Target << " :";
  for (const std::int64_t q : inputs(Source)) {
    const auto held = static_cast<Int<work>>(q);
    const auto target = bitfold::requantize_by<work, Target>(held, shift);
    std::cout << ' ' << static_cast<std::int64_t>(target);
  }
  std::cout << '\n';
}

// Three terms at points that meet 5 places below the result's, rounded once.
void sum() {
  std::cout << "sum 5 :";
  for (const std::int64_t a : inputs(5)) {
    for (const std::int64_t b : inputs(5)) {
      const auto first = static_cast<Int<5>>(a), second = static_cast<Int<5>>(b);
      const auto exact = bitfold::sum<18, 3, 0, 5>(first, second, bitfold::negated<6>(first));
      std::cout << ' ' << static_cast<std::int64_t>(bitfold::requantize<5, 18, 5>(exact));
    }
  }
  std::cout << '\n';
}

// Tables of the squares of their addresses, one from -3 to 3, one from 0 to 7.
struct Signed {
  static constexpr int address_bits = 3;
  static constexpr int output_bits = 6;
  static constexpr int lowest = -3;
  static constexpr int entries = 7;
  static constexpr std::int8_t values[entries] = {9, 4, 1, 0, 1, 4, 9};
};

struct Unsigned {
  static constexpr int address_bits = 4;
  static constexpr int output_bits = 7;
  static constexpr int lowest = 0;
  static constexpr int entries = 8;
  static constexpr std::int8_t values[entries] = {0, 1, 4, 9, 16, 25, 36, 49};
};

template <class Table, int Shift, int Source = 8>
void lookup(const char* name) {
  constexpr int work = bitfold::work_bits(Source, Shift);
  std::cout << name << ' ' << Source << ' ' << Shift << " :";
  for (const std::int64_t q : inputs(Source)) {
    const auto held = static_cast<Int<work>>(q);
    const auto found = bitfold::lookup<Table, Shift, work>(held, Table::values);
    std::cout << ' ' << static_cast<std::int64_t>(found);
  }
  std::cout << '\n';
}

// 16-QAM with four fractional bits.
constexpr std::int8_t kSlicer[] = {-32, 0, 32};

void grid() {
  std::cout << "distance 2 :";
  for (const std::int64_t q : inputs(8)) {
    const auto x = static_cast<Int<8>>(q < -127 ? -127 : q);
    std::cout << ' ' << static_cast<std::int64_t>(bitfold::grid_distance<8, 2, 4>(x, kSlicer));
  }
  std::cout << "\npoints 2 :";
  for (int j = 0; j < 4; ++j) {
    std::cout << ' ' << static_cast<std::int64_t>(bitfold::grid_point<8, 2, 4>(j));
  }
  std::cout << '\n';
}

// 1 / (1 + t) over t in sixteenths, in sixty-fourths.
struct Reciprocal {
  static constexpr int address_bits = 5;
  static constexpr int output_bits = 8;
  static constexpr int lowest = 0;
  static constexpr int entries = 16;
  static constexpr std::int8_t values[entries] = {64, 60, 57, 54, 51, 49, 47, 45,
                                                  43, 41, 39, 38, 37, 35, 34, 33};
};

// Denominators of 6 bits with two fractional ones, below numerators of 5 with three; results with
// three.
void quotient() {
  for (int denominator = 1; denominator < 64; ++denominator) {
    std::cout << "quotient " << denominator << " :";
    for (const std::int64_t q : inputs(5)) {
      const auto found = bitfold::quotient<Reciprocal, 5, 1, 4, 24, 7>(
          static_cast<Int<5>>(q), static_cast<Int<7>>(denominator));
      std::cout << ' ' << static_cast<std::int64_t>(found);
    }
    std::cout << '\n';
  }
}

void choose() {
  std::cout << "choose :";
  for (int code = 0; code < 4; ++code) {
    const auto held = static_cast<bitfold::UInt<2>>(code);
    std::cout << ' ' << static_cast<std::int64_t>(
        bitfold::choose<6>(held, 2, static_cast<Int<3>>(-3), static_cast<Int<6>>(code)));
  }
  std::cout << '\n';
}

// Shifts -4 ... count - 5.
template <int Source, int... Offsets>
void requantize_shifts(std::integer_sequence<int, Offsets...>) {
  (requantize_targets<Source, Offsets - 4>(), ...);
}

template <int Bits>
void prox() {
  for (std::int64_t limit = 0; limit < (1 << (Bits - 1)); ++limit) {
    const auto threshold = static_cast<Int<Bits>>(limit);
    std::cout << "soft " << Bits << ' ' << limit << " :";
    for (const std::int64_t u : inputs(Bits)) {
      const auto held = static_cast<Int<Bits>>(u);
      std::cout << ' ' << static_cast<std::int64_t>(bitfold::soft_threshold<Bits>(held, threshold));
    }
    std::cout << "\nbox " << Bits << ' ' << limit << " :";
    for (const std::int64_t u : inputs(Bits)) {
      const auto held = static_cast<Int<Bits>>(u);
      std::cout << ' ' << static_cast<std::int64_t>(bitfold::box<Bits>(held, threshold));
    }
    std::cout << "\nfold " << Bits << ' ' << limit << " :";
    for (const std::int64_t u : inputs(Bits)) {
      const auto held = static_cast<Int<Bits>>(u);
      std::cout << ' ' << static_cast<std::int64_t>(bitfold::fold<Bits>(held, threshold));
    }
    std::cout << '\n';
  }
}

void count_one() {
  std::cout << "count :";
  for (const int errors : {0, 1, 254, 255, 256, 65533, 65534, 65535}) {
    std::cout << ' ' << static_cast<std::int64_t>(bitfold::count_one(errors));
  }
  std::cout << '\n';
}

template <int SymbolBits, int Thresholds>
void slice(const std::int16_t (&thresholds)[Thresholds]) {
  std::cout << "slice " << SymbolBits << " 0 :";
  for (const std::int64_t v : inputs(8)) {
    const auto word = bitfold::slice<SymbolBits, 8>(static_cast<Int<8>>(v), thresholds);
    std::cout << ' ' << static_cast<std::int64_t>(word);
  }
  std::cout << '\n';
}

}  // namespace

int main() {
  requantize_shifts<2>(std::make_integer_sequence<int, 12>());
  requantize_shifts<5>(std::make_integer_sequence<int, 14>());
  requantize_shifts<8>(std::make_integer_sequence<int, 17>());
  requantize_targets<20, 7>();
  requantize_targets<20, 31>();
  requantize_targets<32, 17>();
  requantize_targets<33, 1>();
  requantize_targets<33, 40>();
  requantize_targets<47, 0>();
  requantize_targets<47, 53>();
  requantize_targets<40, -7>();
  requantize<20, 20, 70, 8>();
  prox<2>();
  prox<5>();
  prox<8>();
  requantize_unsigned<8, 3, 4>();
  requantize_unsigned<8, 0, 3>();
  requantize_unsigned<5, -2, 6>();
  requantize_unsigned<20, 30, 4>();
  requantize_unsigned<4, 1, 12>();
  requantize_unsigned<4, 0, 5>();
  requantize_unsigned<5, 0, 5>();
  requantize_unsigned<6, 0, 5>();
  requantize_unsigned<7, 0, 5>();
  for (int shift = -9; shift < 25; ++shift) {
    requantize_by<8, 6>(shift);
    requantize_by<20, 7>(shift);
  }
  sum();
  quotient();
  choose();
  count_one();
  lookup<Signed, 3>("signed_table");
  lookup<Signed, 0>("signed_table");
  lookup<Signed, -1>("signed_table");
  lookup<Unsigned, 2>("unsigned_table");
  lookup<Unsigned, 0>("unsigned_table");
  lookup<Signed, 0, 2>("signed_table");
  lookup<Signed, 0, 3>("signed_table");
  lookup<Signed, 1, 2>("signed_table");
  lookup<Unsigned, 0, 2>("unsigned_table");
  lookup<Unsigned, 0, 3>("unsigned_table");
  lookup<Unsigned, 0, 4>("unsigned_table");
  grid();
  slice<1>({0});
  slice<2>({-32, 0, 32});
  slice<3>({-96, -64, -32, 0, 32, 64, 96});
  slice<4>({-127, -127, -127, -127, -96, -64, -32, 0, 32, 64, 96, 127, 127, 127, 127});
}
