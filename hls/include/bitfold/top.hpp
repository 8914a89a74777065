// SPDX-License-Identifier: Apache-2.0
// A detector between streams, and one of its units: a coherence block a call.
// Golden model: fixedpoint/receivers/family.py, run, on the last layer. `Detector` is what hls.emit prints.
//
// A call reads the rows of a block's matrices, then received vectors until one is marked last. What
// the formats do not allow is clamped: entries, samples, points of the fusion node, an SNR index
// beyond the bank.
#pragma once

#include "bank.hpp"
#include "hls_stream.hpp"
#include "types.hpp"

namespace bitfold {

// A detected vector for each received one. A word of a matrix is a whole row, so that one read
// serves a product over columns and one over rows.
template <class Detector>
void serve(typename Detector::Block& block, hls::stream<typename Detector::Row>& rows_in,
           hls::stream<typename Detector::Received>& received_in,
           hls::stream<typename Detector::Detected>& detected_out) {
#pragma HLS INLINE
  load(rows_in, block);
  bool last = false;
vectors:
  while (!last) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 128
    const typename Detector::Received received = received_in.read();
    detected_out.write(detect(block, received));
    last = received.last;
  }
}

// How many vectors named another SNR index than their block; it stays at the largest.
using IndexErrors = UInt<16>;

inline IndexErrors count_one(IndexErrors errors) {
  constexpr int largest_count = (1 << 16) - 1;
  const int count = static_cast<int>(errors);
  return static_cast<IndexErrors>(count < largest_count ? count + 1 : count);
}

// Where the matrices are made for one SNR: every vector is detected with the block's, and one that
// names another, which the golden model refuses, is marked and counted. `errors` goes on counting.
template <class Detector>
void serve_one_index(typename Detector::Block& block, hls::stream<typename Detector::Row>& rows_in,
                     hls::stream<typename Detector::Received>& received_in,
                     hls::stream<typename Detector::Detected>& detected_out, IndexErrors& errors) {
#pragma HLS INLINE
  load(rows_in, block);
  bool last = false;
vectors:
  while (!last) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 128
    const typename Detector::Received received = received_in.read();
    const typename Detector::Detected detected = detect(block, received);
    detected_out.write(detected);
    errors = detected.mismatch ? count_one(errors) : errors;
    last = received.last;
  }
}

// One unit: an estimate for each layer of each vector; its first layer starts at 0, each other one
// at the fusion node's answer to the estimate before.
template <class Detector>
void serve_unit(typename Detector::UnitBlock& block, hls::stream<typename Detector::Row>& rows_in,
                hls::stream<typename Detector::UnitReceived>& received_in,
                hls::stream<typename Detector::Point>& points_in,
                hls::stream<typename Detector::Estimate>& estimates_out) {
#pragma HLS INLINE
  using Spec = typename Detector::Spec;
  load(rows_in, block);
  bool last = false;
vectors:
  while (!last) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 128
    const typename Detector::UnitReceived received = received_in.read();
    const int entry = bank_entry<Spec>(received.index);
    typename Detector::Unit unit;
    typename Detector::Carried carried;
#pragma HLS ARRAY_PARTITION variable = carried complete
    unit_start(received.y, entry, block, unit);
    start_from_zero(carried);
  layers:
    for (int k = 0; k < Spec::layers; ++k) {
      unit_layer(k, entry, block, carried, unit);
      estimates_out.write(estimate_of(unit));
      if (k + 1 < Spec::layers) {
        take(points_in.read(), carried);
      }
    }
    last = received.last;
  }
}

}  // namespace bitfold
