// SPDX-License-Identifier: Apache-2.0
// The ADMM-Net detector between streams: one coherence block a call.
// Golden model: fixedpoint/detectors/admm.py, run, and fixedpoint/slicer.py on the last layer's state.
//
// A call reads the rows of F transposed, then those of P, then received vectors until one is marked
// last, and writes a detected vector for each. Integers that the symmetric formats do not allow are
// clamped here. F and P are made for one SNR: every vector is detected with the block's, and one
// that names another, which the golden model refuses, is marked and counted.
#pragma once

#include "admm.hpp"
#include "bank.hpp"
#include "channel.hpp"
#include "hls_stream.hpp"
#include "slicer.hpp"

namespace bitfold {

// One row of F transposed or of P, in the wider format of both. The block's SNR index is that of
// the last row.
template <class Spec>
struct MatrixRow {
  Int<Spec::h_bits> entry[Spec::columns];
  UInt<Spec::index_bits> index;
};

// The last layer's wide state and codes, the Gray word of every real dimension, the block's index
// within the bank; mismatch: the vector came with another one.
template <class Spec>
struct AdmmDetected {
  Int<Spec::state_bits> state[Spec::columns];
  Int<Spec::code_bits> code[Spec::columns];
  UInt<Spec::symbol_bits> bits[Spec::columns];
  UInt<Spec::index_bits> index;
  bool mismatch;
  bool last;
};

// How many vectors named another SNR index than their block; it stays at the largest.
using IndexErrors = UInt<16>;

inline IndexErrors count_one(IndexErrors errors) {
  constexpr int largest_count = (1 << 16) - 1;
  const int count = static_cast<int>(errors);
  return static_cast<IndexErrors>(count < largest_count ? count + 1 : count);
}

// One vector: clamp, front end, all layers, slice.
template <class Spec>
AdmmDetected<Spec> admm_detect(const AdmmBlock<Spec>& block, const ReceivedVector<Spec>& received) {
#pragma HLS INLINE
  AdmmReceived<Spec> y;
  clamp_received<Spec>(received, y);
  AdmmState<Spec> vector;
#pragma HLS ARRAY_PARTITION variable = vector.difference complete
  AdmmFront<Spec> front;
#pragma HLS ARRAY_PARTITION variable = front.filtered complete
  AdmmWires<Spec> wires;
#pragma HLS ARRAY_PARTITION variable = wires.product complete
  admm_front<Spec>(block, y, vector, front);
layers:
  for (int layer = 0; layer < Spec::layers; ++layer) {
    admm_layer<Spec>(layer, block, vector, wires);
  }
  AdmmDetected<Spec> detected;
outputs:
  for (int j = 0; j < Spec::columns; ++j) {
#pragma HLS UNROLL
    detected.state[j] = wires.state[j];
    detected.code[j] = wires.code[j];
  }
  slice_all<Spec>(wires.state, detected.bits);
  const int entry = bank_entry<Spec>(block.index);
  detected.index = static_cast<UInt<Spec::index_bits>>(entry);
  detected.mismatch = bank_entry<Spec>(received.index) != entry;
  detected.last = received.last;
  return detected;
}

// One coherence block; `errors` goes on counting. A word of a matrix is a whole row.
template <class Spec>
void admm_top(hls::stream<MatrixRow<Spec>>& rows_in, hls::stream<ReceivedVector<Spec>>& received_in,
              hls::stream<AdmmDetected<Spec>>& detected_out, IndexErrors& errors) {
#pragma HLS INLINE
  AdmmBlock<Spec> block;
#pragma HLS DISAGGREGATE variable = block
#pragma HLS ARRAY_RESHAPE variable = block.f dim = 2 complete
#pragma HLS ARRAY_RESHAPE variable = block.p dim = 2 complete
#pragma HLS BIND_STORAGE variable = block.f type = ram_2p impl = bram
#pragma HLS BIND_STORAGE variable = block.p type = ram_2p impl = bram
  load_rows<Spec, Spec::f_bits>(rows_in, block.f);
  block.index = load_rows<Spec, Spec::p_bits>(rows_in, block.p).index;
  bool last = false;
vectors:
  while (!last) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 128
    const ReceivedVector<Spec> received = received_in.read();
    const AdmmDetected<Spec> detected = admm_detect<Spec>(block, received);
    detected_out.write(detected);
    errors = detected.mismatch ? count_one(errors) : errors;
    last = received.last;
  }
}

}  // namespace bitfold
