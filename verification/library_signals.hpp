// For library.cpp: sizes of the Verilated pgd_top, fields of its packed signals, random stalls, and the
// arrays of a run.
#pragma once

#include <cstdint>
#include <type_traits>

namespace {

constexpr int kRows = BITFOLD_ROWS, kColumns = BITFOLD_COLUMNS, kLayers = BITFOLD_LAYERS;
constexpr int kLanes = BITFOLD_LANES, kSlots = BITFOLD_SLOTS;
constexpr int kRowsPerWord = kLanes / kColumns;
constexpr int kWords = kRows / kRowsPerWord;
constexpr int kGroupColumns = kRowsPerWord < kColumns ? kRowsPerWord : kColumns;
constexpr int kGroups = kColumns / kGroupColumns;
constexpr int kHBits = BITFOLD_H_BITS, kYBits = BITFOLD_Y_BITS, kIndexBits = BITFOLD_INDEX_BITS;
constexpr int kStateBits = BITFOLD_STATE_BITS, kCodeBits = BITFOLD_CODE_BITS;
constexpr int kSlicerBits = BITFOLD_SLICER_BITS, kResidualBits = BITFOLD_RESIDUAL_BITS;
constexpr int kAccumulatorBits = BITFOLD_ACCUMULATOR_BITS;
constexpr int kGradientBits = BITFOLD_GRADIENT_BITS;

constexpr int bytes(int bits) { return (bits + 7) / 8; }
constexpr int kEntryBytes = bytes(kHBits);
constexpr int kBeatEntries = 8 / kEntryBytes;
constexpr int kBeats = kRows * kColumns / kBeatEntries;
constexpr std::uint64_t kStuck = 1000000;  // cycles without a beat on any stream

// Status of a run.
enum : int { kDone = 0, kHung = 1, kBadFrame = 2, kDropped = 3 };

std::uint64_t mask(int bits) { return bits >= 64 ? ~0ULL : (1ULL << bits) - 1; }

std::int64_t extend(std::uint64_t word, int bits) {
  const std::uint64_t sign = 1ULL << (bits - 1);
  return static_cast<std::int64_t>(((word & mask(bits)) ^ sign) - sign);
}

// Bits at … at + bits - 1 of a packed signal, bits <= 63.
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

template <class Signal>
std::int64_t signed_field(const Signal& signal, int field, int bits) {
  return extend(take(signal, field * bits, bits), bits);
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

// Inputs and outputs of a run, all int64 and contiguous; library.py declares the same structure.
struct bitfold_run {
  std::int64_t blocks, vectors;                      // G, B
  const std::int64_t *h, *y, *index;                 // (G, M, N), (G, B, M), (G, B)
  std::int64_t *accumulator, *residual;              // (G·B, K, M)
  std::int64_t *gradient, *update, *state, *code, *bits;      // (G·B, K, N), bits as a Gray word
  std::int64_t *out_state, *out_code, *out_bits, *out_user;   // (G·B, N), user (G·B)
  std::int64_t *loaded, *finished;                   // (G·B): cycles of first y beat, last x beat
  std::int64_t seed, stall_h, stall_y, stall_x;      // stalls in 1/2^32 a cycle
  std::int64_t watch;                                // the vector whose life goes to the waveform, or -1
  const char* waveform;
};

}  // extern "C"
