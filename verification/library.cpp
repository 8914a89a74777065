// Drives the Verilated pgd_top from a C++ loop: streams whole blocks in, records every traced wire of
// every layer, checks the frames that come out. Built and called by verification/library.py, which
// passes the sizes as BITFOLD_* definitions. Signals are read by their packed position, whatever their
// Verilated type.
#include <array>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>

#include "Vpgd_top.h"
#include "library_signals.hpp"
#include "verilated.h"
#if VM_TRACE
#include "verilated_vcd_c.h"
#endif

namespace {

class Bench {
 public:
  explicit Bench(const bitfold_run& run)
      : run_(run),
        top_(std::make_unique<Vpgd_top>(&context_)),
        stall_h_(run.seed * 3, static_cast<std::uint32_t>(run.stall_h)),
        stall_y_(run.seed * 3 + 1, static_cast<std::uint32_t>(run.stall_y)),
        stall_x_(run.seed * 3 + 2, static_cast<std::uint32_t>(run.stall_x)) {
    for (int s = 0; s < kSlots; ++s) row_vector_[s] = column_vector_[s] = s;
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
    const std::int64_t vectors = run_.blocks * run_.vectors;
    top_->aresetn = 0;
    top_->s_axis_h_tvalid = top_->s_axis_y_tvalid = top_->m_axis_x_tready = 0;
    for (int i = 0; i < 4; ++i) clock();
    top_->aresetn = 1;
    while (out_vector_ < vectors) {
      if (cycle_ - active_ > kStuck) return kHung;
      if (!step()) return kBadFrame;
    }
    return top_->h_frame_errors == 0 && top_->y_frame_errors == 0 ? kDone : kDropped;
  }

  std::string digest() {
    top_->aresetn = 0;
    clock();
    std::string text;
    for (int nibble = 63; nibble >= 0; --nibble) {
      text += "0123456789abcdef"[take(top_->spec_digest, 4 * nibble, 4)];
    }
    return text;
  }

 private:
  // One cycle. All outputs are registered or depend on registers alone, so that they can be read
  // before the clock edge without settling.
  bool step() {
    drive_h();
    drive_y();
    if (!top_->m_axis_x_tready || top_->m_axis_x_tvalid) top_->m_axis_x_tready = !stall_x_.stall();
    const bool h_taken = top_->s_axis_h_tvalid && top_->s_axis_h_tready;
    const bool y_taken = top_->s_axis_y_tvalid && top_->s_axis_y_tready;
    if (top_->m_axis_x_tvalid && top_->m_axis_x_tready && !receive()) return false;
    clock();
    if (top_->trace_row_valid) record_row();
    if (top_->trace_column_valid) record_column();
    if (h_taken) {
      top_->s_axis_h_tvalid = 0;
      active_ = cycle_;
      if (++h_beat_ == kBeats) h_beat_ = 0, ++h_block_;
    }
    if (y_taken) {
      top_->s_axis_y_tvalid = 0;
      active_ = cycle_;
      if (++y_row_ == kRows) y_row_ = 0, ++y_vector_;
    }
    return true;
  }

  // A beat that is offered stays offered until it is taken.
  void drive_h() {
    if (top_->s_axis_h_tvalid || h_block_ == run_.blocks || stall_h_.stall()) return;
    const std::int64_t* entry = run_.h + h_block_ * kRows * kColumns + h_beat_ * kBeatEntries;
    std::uint64_t beat = 0;
    for (int e = 0; e < kBeatEntries; ++e) {
      beat |= (static_cast<std::uint64_t>(entry[e]) & mask(8 * kEntryBytes)) << (8 * kEntryBytes * e);
    }
    top_->s_axis_h_tdata = beat;
    top_->s_axis_h_tlast = h_beat_ == kBeats - 1;
    top_->s_axis_h_tvalid = 1;
  }

  void drive_y() {
    if (top_->s_axis_y_tvalid || y_vector_ == run_.blocks * run_.vectors || stall_y_.stall()) return;
    const auto value = static_cast<std::uint64_t>(run_.y[y_vector_ * kRows + y_row_]);
    top_->s_axis_y_tdata = value & mask(8 * bytes(kYBits));
    top_->s_axis_y_tlast = y_row_ == kRows - 1;
    top_->s_axis_y_tuser = user(y_vector_);
    top_->s_axis_y_tvalid = 1;
    if (y_row_ == 0) run_.loaded[y_vector_] = static_cast<std::int64_t>(cycle_);
  }

  std::uint64_t user(std::int64_t vector) const {
    const auto parity = static_cast<std::uint64_t>(vector / run_.vectors) & 1;
    return parity << kIndexBits | (static_cast<std::uint64_t>(run_.index[vector]) & mask(kIndexBits));
  }

  // A beat of the output frame; TLAST must come with the last column and with no other.
  bool receive() {
    const auto& data = top_->m_axis_x_tdata;
    const std::int64_t at = out_vector_ * kColumns + out_column_;
    const int code_at = 8 * bytes(kStateBits), bits_at = code_at + 8 * bytes(kCodeBits);
    run_.out_state[at] = extend(take(data, 0, code_at), code_at);
    run_.out_code[at] = extend(take(data, code_at, bits_at - code_at), bits_at - code_at);
    run_.out_bits[at] = static_cast<std::int64_t>(take(data, bits_at, 8 * bytes(kSlicerBits)));
    active_ = cycle_;
    const bool last = ++out_column_ == kColumns;
    if (static_cast<bool>(top_->m_axis_x_tlast) != last) return false;
    if (last) {
      run_.out_user[out_vector_] = static_cast<std::int64_t>(top_->m_axis_x_tuser);
      run_.finished[out_vector_++] = static_cast<std::int64_t>(cycle_);
      out_column_ = 0;
    }
    return true;
  }

  // Vectors enter the slots in order, around the ring, so that a slot's next one is kSlots later.
  void record_row() {
    const int slot = top_->trace_row_slot, layer = top_->trace_row_layer;
    const int word = top_->trace_row_word;
    // Faulty hardware may name a place that does not exist; what it leaves out stays missing.
    if (slot >= kSlots || layer >= kLayers || word >= kWords) return;
    std::int64_t& vector = row_vector_[slot];
    if (vector < run_.blocks * run_.vectors) {
      const std::int64_t at = (vector * kLayers + layer) * kRows + word * kRowsPerWord;
      for (int i = 0; i < kRowsPerWord; ++i) {
        run_.accumulator[at + i] = signed_field(top_->trace_row_accumulator, i, kAccumulatorBits);
        run_.residual[at + i] = signed_field(top_->trace_row_residual, i, kResidualBits);
      }
    }
    if (layer == kLayers - 1 && word == kWords - 1) vector += kSlots;
  }

  void record_column() {
    const int slot = top_->trace_column_slot, layer = top_->trace_column_layer;
    const int group = top_->trace_column_group;
    if (slot >= kSlots || layer >= kLayers || group >= kGroups) return;
    std::int64_t& vector = column_vector_[slot];
    if (vector < run_.blocks * run_.vectors) {
      const std::int64_t at = (vector * kLayers + layer) * kColumns + group * kGroupColumns;
      for (int i = 0; i < kGroupColumns; ++i) {
        run_.gradient[at + i] = signed_field(top_->trace_column_gradient, i, kGradientBits);
        run_.update[at + i] = signed_field(top_->trace_column_update, i, kStateBits);
        run_.state[at + i] = signed_field(top_->trace_column_state, i, kStateBits);
        run_.code[at + i] = signed_field(top_->trace_column_code, i, kCodeBits);
        run_.bits[at + i] = static_cast<std::int64_t>(
            take(top_->trace_column_bits, i * kSlicerBits, kSlicerBits));
      }
    }
    if (layer == kLayers - 1 && group == kGroups - 1) vector += kSlots;
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
    const bool alive = y_vector_ >= run_.watch && out_vector_ <= run_.watch;
    if (run_.watch >= 0 && alive) waveform_.dump(2 * cycle_ + half);
#endif
  }

  const bitfold_run& run_;
  VerilatedContext context_;
  std::unique_ptr<Vpgd_top> top_;
  Stalls stall_h_, stall_y_, stall_x_;
  std::array<std::int64_t, kSlots> row_vector_{}, column_vector_{};
  std::int64_t h_block_ = 0, y_vector_ = 0, out_vector_ = 0;
  int h_beat_ = 0, y_row_ = 0, out_column_ = 0;
  std::uint64_t cycle_ = 0, active_ = 0;
#if VM_TRACE
  VerilatedVcdC waveform_;
#endif
};

// The .mem files are found in the working folder when a model is made and first evaluated.
class InFolder {
 public:
  explicit InFolder(const char* folder) : before_(std::filesystem::current_path()) {
    std::filesystem::current_path(folder);
  }
  ~InFolder() {
    std::error_code ignored;
    std::filesystem::current_path(before_, ignored);
  }

 private:
  std::filesystem::path before_;
};

}  // namespace

extern "C" {

// The digest of the spec in the package that the model was made from, 64 characters and a zero.
void bitfold_digest(const char* folder, char* text) {
  const InFolder in(folder);
  bitfold_run run{};
  run.watch = -1;
  std::strcpy(text, Bench(run).digest().c_str());
}

int bitfold_run_blocks(const char* folder, const bitfold_run* run) {
  const InFolder in(folder);
  return Bench(*run).run();
}

}  // extern "C"
