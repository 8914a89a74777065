// SPDX-License-Identifier: Apache-2.0
// For library.cpp: what follows from the sizes of the Verilated top, its packed signals, random stalls,
// and the arrays of a run. top.hpp comes from verification/rtl/top_header.py.
#pragma once

#include <cstdint>
#include <type_traits>

#include "top.hpp"

namespace {

constexpr int kRowsPerWord = kLanes / kVectors / kColumns;
constexpr int kWords = (kRows + kRowsPerWord - 1) / kRowsPerWord;
constexpr int kGroupColumns = kRowsPerWord < kColumns ? kRowsPerWord : kColumns;
constexpr int kGroups = (kColumns + kGroupColumns - 1) / kGroupColumns;

constexpr int bytes(int bits) { return (bits + 7) / 8; }
constexpr int kEntryBytes = bytes(kHBits);
constexpr int kBeatEntries = kBeatBytes / kEntryBytes;
constexpr int kBeats = kMatrixRows * kColumns / kBeatEntries;
constexpr std::uint64_t kStuck = 100000;  // cycles without a beat on any stream

// Width of a port that counts 0 … count - 1.
constexpr int count_bits(int count) {
  int bits = 1;
  while (1 << bits < count) ++bits;
  return bits;
}
constexpr int kSlotBits = count_bits(kSlots), kLayerBits = count_bits(kLayers);
constexpr int kWordBits = count_bits(kWords), kGroupBits = count_bits(kGroups);

// Which ports the top has beyond those of all.
template <class Top, class = void>
constexpr bool has_theta = false;
template <class Top>
constexpr bool has_theta<Top, std::void_t<decltype(Top::s_axis_theta_tvalid)>> = true;
template <class Top, class = void>
constexpr bool has_block_index = false;  // the SNR index comes with a block's matrices
template <class Top>
constexpr bool has_block_index<Top, std::void_t<decltype(Top::index_errors)>> = true;
constexpr bool kHasTheta = has_theta<Top>, kHasBlockIndex = has_block_index<Top>;
constexpr bool kHasFront = !kFrontWires.empty(), kHasFusion = !kFusionWires.empty();
constexpr bool kHasSoft = !kSoftOutputs.empty();

// Status of a run.
enum : int { kDone = 0, kHung = 1, kBadFrame = 2, kDropped = 3, kIdle = 4 };

constexpr std::uint64_t mask(int bits) { return bits >= 64 ? ~0ULL : (1ULL << bits) - 1; }

std::int64_t extend(std::uint64_t word, int bits) {
  const std::uint64_t sign = 1ULL << (bits - 1);
  return static_cast<std::int64_t>(((word & mask(bits)) ^ sign) - sign);
}

// Bits at … at + bits - 1 of a packed signal, bits <= 64.
template <class Signal>
std::uint64_t take(const Signal& signal, int at, int bits) {
  if constexpr (std::is_integral_v<Signal>) {
    return (static_cast<std::uint64_t>(signal) >> at) & mask(bits);
  } else {
    const int word = at / 32, shift = at % 32;
    std::uint64_t value = static_cast<std::uint64_t>(signal.at(word)) >> shift;
    for (int got = 32 - shift, next = word + 1; got < bits; got += 32, ++next) {
      value |= static_cast<std::uint64_t>(signal.at(next)) << got;
    }
    return value & mask(bits);
  }
}

// Sets these bits, and no others.
template <class Signal>
void put(Signal& signal, int at, int bits, std::uint64_t value) {
  if constexpr (std::is_integral_v<Signal>) {
    const std::uint64_t kept = static_cast<std::uint64_t>(signal) & ~(mask(bits) << at);
    signal = static_cast<Signal>(kept | (value & mask(bits)) << at);
  } else {
    for (int done = 0; done < bits;) {
      const int word = (at + done) / 32, shift = (at + done) % 32;
      const int count = bits - done < 32 - shift ? bits - done : 32 - shift;
      const auto field = static_cast<std::uint32_t>((value >> done & mask(count)) << shift);
      const auto hole = static_cast<std::uint32_t>(~(mask(count) << shift));
      signal.at(word) = (signal.at(word) & hole) | field;
      done += count;
    }
  }
}

// One xorshift64* generator for each stream; a stall is drawn before each beat's first cycle and every
// cycle that it lasts.
class Stalls {
 public:
  Stalls(std::uint64_t seed, std::uint32_t threshold) : state_(seed * 2 + 1), threshold_(threshold) {
    for (int i = 0; i < 8; ++i) draw();
  }
  bool stall() { return threshold_ != 0 && draw() < threshold_; }

 private:
  std::uint32_t draw() {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return static_cast<std::uint32_t>((state_ * 0x2545F4914F6CDD1DULL) >> 32);
  }
  std::uint64_t state_;
  std::uint32_t threshold_;
};

}  // namespace

extern "C" {

// Inputs and outputs of a run, all int64 and contiguous; library.py declares the same structure. C
// units of Q rows, N columns, K layers, G blocks of B vectors and R rows of matrices a unit.
struct bitfold_run {
  std::int64_t blocks, vectors, first_block;    // the first block's number
  const std::int64_t *h, *y, *index;            // (G, C, R, N), (G, B, C, Q), (G, B)
  const std::int64_t* block_index;              // (G): the SNR index with H, where it has one
  std::int64_t* const* wires;                   // in the order of top.hpp: of each unit (G·B, K, C, Q) or
                                                // (G·B, K, C, N), fused (G·B, K, N), of a front end (G·B, N)
  std::int64_t* const* outputs;                 // (G·B, N) for each field of a beat of x, then of llr
  std::int64_t *user, *llr_user;                // (G·B): TUSER of x, and of llr where there are soft bits
  std::int64_t *loaded, *finished;              // (G·B): cycles of first y beat, of last beat of x and llr
  std::int64_t* index_errors;                   // the counter's value at the end
  std::int64_t seed;
  const std::int64_t* stalls;                   // of C streams of H, y, x and llr, in 1/2^32 a cycle
  const std::int64_t* theta;                    // (C, theta_beats), written before block theta_block
  std::int64_t theta_beats, theta_block;
  std::int64_t watch;                           // the vector whose life goes to the waveform, or -1
  const char* waveform;
};

}  // extern "C"
