// SPDX-License-Identifier: Apache-2.0
// hls::stream: Vitis' own where it is installed, else the few lines that csim needs.
// No golden model: a stream changes no integer. The open ap_types headers come with a file named
// hls_stream.h too, but without ap_axi_sdata.h, which every Vitis has.
#pragma once

#if __has_include(<ap_axi_sdata.h>)
#include <hls_stream.h>
#elif !defined(BITFOLD_HLS_STREAM)
#define BITFOLD_HLS_STREAM  // several emissions in one program have one stream

#include <cstddef>
#include <deque>
#include <stdexcept>
#include <string>

namespace hls {

// A first-in first-out queue. Depth 0: unbounded; otherwise a write to a full stream throws, as a
// read from an empty one does (in hardware both would wait for ever).
template <class T, int Depth = 0>
class stream {
  static_assert(Depth >= 0, "a stream's depth is 0 (unbounded) or positive");

 public:
  stream() = default;
  explicit stream(const char* name) : name_(name) {}
  stream(const stream&) = delete;
  stream& operator=(const stream&) = delete;

  bool empty() const { return elements_.empty(); }
  bool full() const { return Depth > 0 && elements_.size() >= static_cast<std::size_t>(Depth); }
  std::size_t size() const { return elements_.size(); }

  void write(const T& element) {
    if (full()) {
      throw std::runtime_error("stream " + name_ + ": written while full");
    }
    elements_.push_back(element);
  }

  void read(T& element) {
    if (empty()) {
      throw std::runtime_error("stream " + name_ + ": read while empty");
    }
    element = elements_.front();
    elements_.pop_front();
  }

  T read() {
    T element;
    read(element);
    return element;
  }

 private:
  std::string name_ = "without a name";
  std::deque<T> elements_;
};

}  // namespace hls

#endif
