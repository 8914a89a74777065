// SPDX-License-Identifier: Apache-2.0
// Drives Verilated functions, a vector a cycle: words of in_i from in.bin, to out.bin words of out_o as
// they stand before the clock's edge.
#include <cstdint>
#include <cstdio>
#include <vector>

#include "Vfunctions_top.h"

int main() {
  Vfunctions_top top;
  std::vector<std::uint32_t> in(BITFOLD_IN_WORDS), out(BITFOLD_OUT_WORDS);
  std::FILE* given = std::fopen("in.bin", "rb");
  std::FILE* shown = std::fopen("out.bin", "wb");
  if (given == nullptr || shown == nullptr) return 1;
  while (std::fread(in.data(), sizeof(in[0]), in.size(), given) == in.size()) {
    for (std::size_t i = 0; i < in.size(); i++) top.in_i[i] = in[i];
    top.clk_i = 0;
    top.eval();
    for (std::size_t i = 0; i < out.size(); i++) out[i] = top.out_o[i];
    std::fwrite(out.data(), sizeof(out[0]), out.size(), shown);
    top.clk_i = 1;
    top.eval();
  }
  return std::fclose(shown) != 0;
}
