// Prints the scalar functions of hls/include over all or many inputs, one line each:
// NAME PARAMETERS : RESULTS. tests/test_hls_scalars.py compares them with fixedpoint.
#include <cstdint>
#include <iostream>
#include <utility>
#include <vector>

#include "bitfold/prox.hpp"
#include "bitfold/requantize.hpp"
#include "bitfold/slicer.hpp"

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
    std::cout << '\n';
  }
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
  slice<1>({0});
  slice<2>({-32, 0, 32});
  slice<3>({-96, -64, -32, 0, 32, 64, 96});
}
