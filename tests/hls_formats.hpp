// SPDX-License-Identifier: Apache-2.0
// What an assignment to a printed Vitis type makes of values: tests/test_ap_fixed.py compares it with
// fixedpoint/numbers/format.py and fixedpoint/numbers/requantize.py. Values come on standard input, one count a type.
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>

#include <ap_fixed.h>

template <class Value, int Bits, bool Signed>
std::int64_t raw(const Value& value) {
  const ap_int<Bits + !Signed> integer = ap_uint<Bits>(value.range(Bits - 1, 0));
  return Signed ? ap_int<Bits>(integer).to_int64() : integer.to_int64();
}

inline std::int64_t next() {
  std::string word;
  std::cin >> word;
  return std::stoll(word);
}

// Real values, given as hexadecimal floats.
template <class Target, int Bits, bool Signed>
void quantize(const char* name) {
  std::cout << "quantize " << name << " :";
  for (std::int64_t count = next(); count > 0; --count) {
    std::string word;
    std::cin >> word;
    const Target q = std::strtod(word.c_str(), nullptr);  // stod refuses the tiniest
    std::cout << ' ' << raw<Target, Bits, Signed>(q);
  }
  std::cout << '\n';
}

// Integers of a wide source.
template <class Source, int Wide, class Target, int Bits, bool Signed>
void requantize(const char* name) {
  std::cout << "requantize " << name << " :";
  for (std::int64_t count = next(); count > 0; --count) {
    Source wide;
    wide.range(Wide - 1, 0) = ap_int<Wide>(next());
    const Target q = wide;
    std::cout << ' ' << raw<Target, Bits, Signed>(q);
  }
  std::cout << '\n';
}
