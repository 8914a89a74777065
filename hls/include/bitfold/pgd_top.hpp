// SPDX-License-Identifier: Apache-2.0
// The PGD detector between streams: one coherence block a call.
// Golden model: fixedpoint/detectors/pgd.py, run, and fixedpoint/slicer.py on the last layer's state.
//
// A call reads the rows of one H, then received vectors until one is marked last, and writes a
// detected vector for each. Integers that the symmetric formats do not allow are clamped here.
#pragma once

#include "channel.hpp"
#include "hls_stream.hpp"
#include "pgd.hpp"

namespace bitfold {

// The last layer's wide state and codes, and the Gray word of every real dimension.
template <class Spec>
struct DetectedVector {
  Int<Spec::state_bits> state[Spec::columns];
  Int<Spec::code_bits> code[Spec::columns];
  UInt<Spec::symbol_bits> bits[Spec::columns];
  bool last;
};

// One vector: clamp, all layers, slice.
template <class Spec>
DetectedVector<Spec> pgd_detect(const PgdMatrix<Spec>& h, const ReceivedVector<Spec>& received) {
#pragma HLS INLINE
  PgdReceived<Spec> y;
  clamp_received<Spec>(received, y);
  PgdCode<Spec> x;
#pragma HLS ARRAY_PARTITION variable = x complete
  PgdWires<Spec> wires;
  pgd_layers<Spec>(h, y, received.index, x, wires);
  DetectedVector<Spec> detected;
outputs:
  for (int j = 0; j < Spec::columns; ++j) {
#pragma HLS UNROLL
    detected.state[j] = wires.state[j];
    detected.code[j] = static_cast<Int<Spec::code_bits>>(x[j]);
  }
  slice_all<Spec>(wires.state, detected.bits);
  detected.last = received.last;
  return detected;
}

// One coherence block. A word of h is a whole row, so that one read serves both products.
template <class Spec>
void pgd_top(hls::stream<ChannelRow<Spec>>& rows_in, hls::stream<ReceivedVector<Spec>>& received_in,
             hls::stream<DetectedVector<Spec>>& detected_out) {
#pragma HLS INLINE
  PgdMatrix<Spec> h;
#pragma HLS ARRAY_RESHAPE variable = h dim = 2 complete
#pragma HLS BIND_STORAGE variable = h type = ram_2p impl = bram
  load_channel<Spec>(rows_in, h);
  bool last = false;
vectors:
  while (!last) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 128
    const ReceivedVector<Spec> received = received_in.read();
    detected_out.write(pgd_detect<Spec>(h, received));
    last = received.last;
  }
}

}  // namespace bitfold
