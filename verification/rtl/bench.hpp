// SPDX-License-Identifier: Apache-2.0
// For library.cpp: drives a Verilated top from a C++ loop. Streams whole blocks in, records every traced
// wire of every layer, checks the frames that come out. Signals are read by their packed position,
// whatever their Verilated type; unit 0 lies lowest in each.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "signals.hpp"
#include "trace.hpp"
#include "verilated.h"
#if VM_TRACE
#include "verilated_vcd_c.h"
#endif

namespace {

template <class Top>
class Bench {
 public:
  // All registers and memories begin at random, drawn with the run's seed.
  explicit Bench(const bitfold_run& run) : run_(run) {
    context_.randReset(2);
    context_.randSeed(static_cast<int>(run.seed % 0x7FFFFFFF) + 1);
    top_ = std::make_unique<Top>(&context_);
    for (int s = 0; s < kStreams; ++s) {
      const auto rate = run.stalls ? static_cast<std::uint32_t>(run.stalls[s]) : 0;
      stalls_.emplace_back(run.seed * kStreams + s, rate);
    }
#if VM_TRACE
    context_.traceEverOn(true);
    if (run.watch >= 0) {
      top_->trace(&waveform_, 99);
      waveform_.open(run.waveform);
    }
#endif
  }

  ~Bench() {
#if VM_TRACE
    if (run_.watch >= 0) waveform_.close();
#endif
    top_->final();
  }

  int run() {
    reset();
    while (left() < total()) {
      if (cycle_ - active_ > kStuck) return kHung;
      if (!step()) return kBadFrame;
      if (y_vector_ > left() && !top_->busy) return kIdle;
      if (!kHasSoft && top_->m_axis_llr_tvalid) return kBadFrame;
    }
    if constexpr (kHasBlockIndex) *run_.index_errors = top_->index_errors;
    return dropped() ? kDropped : kDone;
  }

  // The spec's and the graph's, 64 characters each.
  std::string digests() {
    top_->aresetn = 0;
    clock();
    return text_of(top_->spec_digest) + text_of(top_->graph_digest);
  }

 private:
  template <class Signal>
  static std::string text_of(const Signal& digest) {
    std::string text;
    for (int nibble = 63; nibble >= 0; --nibble) text += "0123456789abcdef"[take(digest, 4 * nibble, 4)];
    return text;
  }

  std::int64_t total() const { return run_.blocks * run_.vectors; }

  // The vectors that have left on every stream.
  std::int64_t left() const { return kHasSoft ? std::min(x_.vector, llr_.vector) : x_.vector; }

  void reset() {
    // From any registers and memories; one cycle is enough. The clock is at random, too: an edge of its own.
    top_->aclk = 0;
    top_->aresetn = 0;
    put(top_->s_axis_h_tvalid, 0, kUnits, 0);
    top_->s_axis_y_tvalid = top_->m_axis_x_tready = top_->m_axis_llr_tready = 0;
    if constexpr (kHasTheta) put(top_->s_axis_theta_tvalid, 0, kUnits, 0);
    top_->eval();
    clock();
    top_->aresetn = 1;
    top_->eval();
  }

  // Whether the hardware counted a frame as bad, or a vector as one without H; counters have 16 bits.
  bool dropped() const {
    std::uint64_t frames = take(top_->y_frame_errors, 0, 16);
    frames |= take(top_->y_block_errors, 0, 16);
    for (int at = 0; at < 16 * kUnits; at += 16) {
      frames |= take(top_->h_frame_errors, at, 16);
      if constexpr (kHasTheta) frames |= take(top_->theta_frame_errors, at, 16);
      if constexpr (kHasFusion) {
        frames |= take(top_->up_frame_errors, at, 16) | take(top_->down_frame_errors, at, 16);
      }
    }
    return frames != 0;
  }

  // One cycle. All outputs are registered or depend on registers alone, so that they can be read
  // before the clock edge without settling.
  bool step() {
    for (int unit = 0; unit < kUnits; ++unit) drive_h(unit);
    drive_y();
    if constexpr (kHasTheta) drive_theta();
    if (!top_->m_axis_x_tready || top_->m_axis_x_tvalid) {
      top_->m_axis_x_tready = !stalls_[kUnits + 1].stall();
    }
    if (!top_->m_axis_llr_tready || top_->m_axis_llr_tvalid) {
      top_->m_axis_llr_tready = !stalls_[kUnits + 2].stall();
    }
    const std::uint64_t h_taken = both(top_->s_axis_h_tvalid, top_->s_axis_h_tready);
    const bool y_taken = top_->s_axis_y_tvalid && top_->s_axis_y_tready;
    std::uint64_t theta_taken = 0;
    if constexpr (kHasTheta) theta_taken = both(top_->s_axis_theta_tvalid, top_->s_axis_theta_tready);
    if (top_->m_axis_x_tvalid && top_->m_axis_x_tready &&
        !receive(x_, kOutputs, run_.outputs, run_.user, top_->m_axis_x_tdata, top_->m_axis_x_tlast,
                 top_->m_axis_x_tuser)) {
      return false;
    }
    if constexpr (kHasSoft) {
      if (top_->m_axis_llr_tvalid && top_->m_axis_llr_tready &&
          !receive(llr_, kSoftOutputs, run_.outputs + kOutputs.size(), run_.llr_user,
                   top_->m_axis_llr_tdata, top_->m_axis_llr_tlast, top_->m_axis_llr_tuser)) {
        return false;
      }
    }
    clock();
    recorder_.record(run_, *top_);
    if (h_taken != 0 || y_taken || theta_taken != 0) active_ = cycle_;
    for (int unit = 0; unit < kUnits; ++unit) {
      if (h_taken >> unit & 1) {
        put(top_->s_axis_h_tvalid, unit, 1, 0);
        if (++h_beat_[unit] == kBeats) h_beat_[unit] = 0, ++h_block_[unit];
      }
      if constexpr (kHasTheta) {
        if (theta_taken >> unit & 1) {
          put(top_->s_axis_theta_tvalid, unit, 1, 0);
          ++theta_beat_[unit];
        }
      }
    }
    if (y_taken) {
      top_->s_axis_y_tvalid = 0;
      if (++y_row_ == kRows) y_row_ = 0, ++y_vector_;
    }
    return true;
  }

  // The units whose beat is taken.
  template <class Valid, class Ready>
  static std::uint64_t both(const Valid& valid, const Ready& ready) {
    return take(valid, 0, kUnits) & take(ready, 0, kUnits);
  }

  // A beat that is offered stays offered until it is taken. Each unit has a stream of H of its own.
  void drive_h(int unit) {
    if (take(top_->s_axis_h_tvalid, unit, 1) || h_block_[unit] == run_.blocks) return;
    if (stalls_[unit].stall()) return;
    const std::int64_t* entry =
        run_.h + (h_block_[unit] * kUnits + unit) * kMatrixRows * kColumns + h_beat_[unit] * kBeatEntries;
    std::uint64_t beat = 0;
    for (int e = 0; e < kBeatEntries; ++e) {
      beat |= (static_cast<std::uint64_t>(entry[e]) & mask(8 * kEntryBytes)) << (8 * kEntryBytes * e);
    }
    put(top_->s_axis_h_tdata, 8 * kBeatBytes * unit, 8 * kBeatBytes, beat);
    put(top_->s_axis_h_tlast, unit, 1, h_beat_[unit] == kBeats - 1);
    constexpr int kUserBits = kBlockBits + (kHasBlockIndex ? kIndexBits : 0);
    std::uint64_t user = number(h_block_[unit]);
    if constexpr (kHasBlockIndex) {
      user = user << kIndexBits | (static_cast<std::uint64_t>(run_.block_index[h_block_[unit]]) & mask(kIndexBits));
    }
    put(top_->s_axis_h_tuser, kUserBits * unit, kUserBits, user);
    put(top_->s_axis_h_tvalid, unit, 1, 1);
  }

  // A beat carries the sample of one row of every unit.
  void drive_y() {
    if (top_->s_axis_y_tvalid || y_vector_ == total() || rewriting() || stalls_[kUnits].stall()) return;
    constexpr int kBits = 8 * bytes(kYBits);
    for (int unit = 0; unit < kUnits; ++unit) {
      const std::int64_t value = run_.y[(y_vector_ * kUnits + unit) * kRows + y_row_];
      put(top_->s_axis_y_tdata, kBits * unit, kBits, static_cast<std::uint64_t>(value));
    }
    top_->s_axis_y_tlast = y_row_ == kRows - 1;
    top_->s_axis_y_tuser = user(y_vector_);
    top_->s_axis_y_tvalid = 1;
    if (y_row_ == 0) run_.loaded[y_vector_] = static_cast<std::int64_t>(cycle_);
  }

  // Whether y has to wait for another θ.
  bool rewriting() const {
    const bool due = y_row_ == 0 && y_vector_ == run_.theta_block * run_.vectors;
    if (run_.theta_beats == 0 || !due) return false;
    for (const std::int64_t beat : theta_beat_) {
      if (beat != run_.theta_beats) return true;
    }
    return false;
  }

  // Another θ goes to all units as soon as every vector before it has left.
  void drive_theta() {
    if (!rewriting() || left() != y_vector_ || top_->busy) return;
    for (int unit = 0; unit < kUnits; ++unit) {
      if (take(top_->s_axis_theta_tvalid, unit, 1) || theta_beat_[unit] == run_.theta_beats) continue;
      const std::int64_t beat = run_.theta[unit * run_.theta_beats + theta_beat_[unit]];
      put(top_->s_axis_theta_tdata, 16 * unit, 16, static_cast<std::uint64_t>(beat));
      put(top_->s_axis_theta_tlast, unit, 1, theta_beat_[unit] == run_.theta_beats - 1);
      put(top_->s_axis_theta_tvalid, unit, 1, 1);
    }
  }

  // A block's number, as TUSER carries it.
  std::uint64_t number(std::int64_t block) const {
    return static_cast<std::uint64_t>(run_.first_block + block) & mask(kBlockBits);
  }

  std::uint64_t user(std::int64_t vector) const {
    const std::uint64_t index = static_cast<std::uint64_t>(run_.index[vector]) & mask(kIndexBits);
    return number(vector / run_.vectors) << kIndexBits | index;
  }

  // Where in its frames an output stream is.
  struct Place {
    std::int64_t vector = 0;
    int column = 0;
  };

  // A beat of an output frame; TLAST must come with the last column and with no other. A stream that sends
  // more frames than there are vectors is broken. A vector has finished when its later stream has.
  template <class Fields, class Data, class User>
  bool receive(Place& at, const Fields& fields, std::int64_t* const* outputs, std::int64_t* users, const Data& data,
               bool last, const User& user) {
    if (at.vector == total()) return false;
    const std::int64_t element = at.vector * kColumns + at.column;
    int field = 0;
    for (const auto& [offset, bits, is_signed] : fields) {
      const int padded = 8 * bytes(bits);
      const std::uint64_t value = take(data, offset, padded);
      outputs[field++][element] = is_signed ? extend(value, padded) : static_cast<std::int64_t>(value);
    }
    active_ = cycle_;
    if (last != (++at.column == kColumns)) return false;
    if (last) {
      users[at.vector] = static_cast<std::int64_t>(user);
      run_.finished[at.vector++] = static_cast<std::int64_t>(cycle_);
      at.column = 0;
    }
    return true;
  }

  void clock() {
    top_->aclk = 1;
    top_->eval();
    dump(0);
    top_->aclk = 0;
    top_->eval();
    dump(1);
    ++cycle_;
  }

  // The waveform holds the life of one vector: from its first beat in to its last beat out.
  void dump([[maybe_unused]] int half) {
#if VM_TRACE
    const bool alive = y_vector_ >= run_.watch && left() <= run_.watch;
    if (run_.watch >= 0 && alive) waveform_.dump(2 * cycle_ + half);
#endif
  }

  const bitfold_run& run_;
  VerilatedContext context_;
  std::unique_ptr<Top> top_;
  static constexpr int kStreams = kUnits + 3;
  std::vector<Stalls> stalls_;  // H of each unit, y, x, llr
  Recorder recorder_;
  std::array<std::int64_t, kUnits> h_block_{}, h_beat_{}, theta_beat_{};
  std::int64_t y_vector_ = 0;
  int y_row_ = 0;
  Place x_, llr_;
  std::uint64_t cycle_ = 0, active_ = 0;
#if VM_TRACE
  VerilatedVcdC waveform_;
#endif
};

}  // namespace
