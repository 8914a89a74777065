// SPDX-License-Identifier: Apache-2.0
// A distributed unit, and all units with the fusion node, between streams: a block a call.
// Golden model: fixedpoint/detectors/hpd.py and fixedpoint/detectors/fpd.py, run. `Unit` is Hpd<Spec> or Fpd<Spec>.
//
// A call reads rows of H, then received codes until a vector is marked last. What the formats do
// not allow is clamped here: integers of H and z, codes beyond the converter's, an SNR beyond the
// bank.
#pragma once

#include "channel.hpp"
#include "distributed.hpp"
#include "hls_stream.hpp"
#include "slicer.hpp"

namespace bitfold {

// One received vector of one unit: a byte a code, and the SNR index; `last` closes the block.
template <class Spec>
struct UnitReceived {
  UInt<8> code[Spec::unit_size];
  UInt<Spec::index_bits> index;
  bool last;
};

// One message of the fronthaul: a unit's estimate, or the point z of its next layer.
template <class Spec>
struct Fronthaul {
  Int<Spec::state_bits> entry[Spec::columns];
};

// One received vector of all units.
template <class Spec>
struct DistributedReceived {
  UInt<8> code[Spec::units][Spec::unit_size];
  UInt<Spec::index_bits> index;
  bool last;
};

// The last layer's s and the Gray word of every real dimension.
template <class Spec>
struct DistributedDetected {
  Int<Spec::state_bits> state[Spec::columns];
  UInt<Spec::symbol_bits> bits[Spec::columns];
  bool last;
};

template <class Spec>
void clamp_codes(const UInt<8> (&received)[Spec::unit_size], UnitCodes<Spec>& codes) {
#pragma HLS INLINE
rows:
  for (int i = 0; i < Spec::unit_size; ++i) {
#pragma HLS UNROLL
    codes[i] = clamp_code<Spec>(received[i]);
  }
}

// One unit and one vector: its first layer starts at z = 0, each other one at the fusion node's
// answer to the estimate before.
template <class Unit>
void unit_detect(const UnitMatrix<typename Unit::Spec>& h,
                 const UnitReceived<typename Unit::Spec>& received,
                 hls::stream<Fronthaul<typename Unit::Spec>>& points_in,
                 hls::stream<Fronthaul<typename Unit::Spec>>& estimates_out) {
#pragma HLS INLINE
  using Spec = typename Unit::Spec;
  UnitCodes<Spec> codes;
  clamp_codes<Spec>(received.code, codes);
  UnitVector<Unit> vector;
  unit_receive<Unit>(h, codes, received.index, vector);
  Point<Spec> z;
#pragma HLS ARRAY_PARTITION variable = z complete
clear:
  for (int j = 0; j < Spec::columns; ++j) {
#pragma HLS UNROLL
    z[j] = 0;
  }
layers:
  for (int layer = 0; layer < Spec::layers; ++layer) {
    UnitWires<Unit> wires;
    Fronthaul<Spec> estimate;
    unit_layer<Unit>(layer, h, vector, z, wires, estimate.entry);
    estimates_out.write(estimate);
    if (layer + 1 < Spec::layers) {
      const Fronthaul<Spec> point = points_in.read();
    clamp:
      for (int j = 0; j < Spec::columns; ++j) {
#pragma HLS UNROLL
        z[j] = clamp_symmetric<Spec::state_bits>(point.entry[j]);
      }
    }
  }
}

// One unit, one coherence block: its rows of H, [Re; Im], then its received vectors.
template <class Unit>
void unit_top(hls::stream<ChannelRow<typename Unit::Spec>>& rows_in,
              hls::stream<UnitReceived<typename Unit::Spec>>& received_in,
              hls::stream<Fronthaul<typename Unit::Spec>>& points_in,
              hls::stream<Fronthaul<typename Unit::Spec>>& estimates_out) {
#pragma HLS INLINE
  using Spec = typename Unit::Spec;
  UnitMatrix<Spec> h;
#pragma HLS ARRAY_RESHAPE variable = h dim = 2 complete
#pragma HLS BIND_STORAGE variable = h type = ram_2p impl = bram
  load_channel<Spec>(rows_in, h);
  bool last = false;
vectors:
  while (!last) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 128
    const UnitReceived<Spec> received = received_in.read();
    unit_detect<Unit>(h, received, points_in, estimates_out);
    last = received.last;
  }
}

// All units and one vector: clamp, all layers, slice.
template <class Unit>
DistributedDetected<typename Unit::Spec> distributed_detect(
    const UnitMatrices<typename Unit::Spec>& h,
    const DistributedReceived<typename Unit::Spec>& received) {
#pragma HLS INLINE
  using Spec = typename Unit::Spec;
  UnitVector<Unit> vectors[Spec::units];
units:
  for (int c = 0; c < Spec::units; ++c) {
#pragma HLS UNROLL
    UnitCodes<Spec> codes;
    clamp_codes<Spec>(received.code[c], codes);
    unit_receive<Unit>(h[c], codes, received.index, vectors[c]);
  }
  Fusion<Spec> fusion;
#pragma HLS ARRAY_PARTITION variable = fusion.point complete
  fusion_start<Spec>(fusion);
layers:
  for (int layer = 0; layer < Spec::layers; ++layer) {
    UnitWires<Unit> wires[Spec::units];
    Estimates<Spec> estimates;
    distributed_layer<Unit>(layer, h, vectors, fusion, wires, estimates);
  }
  DistributedDetected<Spec> detected;
outputs:
  for (int j = 0; j < Spec::columns; ++j) {
#pragma HLS UNROLL
    detected.state[j] = fusion.state[j];
  }
  slice_all<Spec>(fusion.state, detected.bits);
  detected.last = received.last;
  return detected;
}

// All units, one coherence block: H unit by unit, rows [Re; Im] of each, then received vectors.
template <class Unit>
void distributed_top(hls::stream<ChannelRow<typename Unit::Spec>>& rows_in,
                     hls::stream<DistributedReceived<typename Unit::Spec>>& received_in,
                     hls::stream<DistributedDetected<typename Unit::Spec>>& detected_out) {
#pragma HLS INLINE
  using Spec = typename Unit::Spec;
  UnitMatrices<Spec> h;
#pragma HLS ARRAY_PARTITION variable = h dim = 1 complete
#pragma HLS ARRAY_RESHAPE variable = h dim = 3 complete
#pragma HLS BIND_STORAGE variable = h type = ram_2p impl = bram
units:
  for (int c = 0; c < Spec::units; ++c) {
    load_channel<Spec>(rows_in, h[c]);
  }
  bool last = false;
vectors:
  while (!last) {
#pragma HLS LOOP_TRIPCOUNT min = 1 max = 128
    const DistributedReceived<Spec> received = received_in.read();
    detected_out.write(distributed_detect<Unit>(h, received));
    last = received.last;
  }
}

}  // namespace bitfold
