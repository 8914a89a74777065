// SPDX-License-Identifier: Apache-2.0
// The synthesizable top functions of the detector that bitfold_spec.hpp describes, and their ports.
// Golden model: fixedpoint/detectors/fpd.py.
#pragma once

#include "bitfold/distributed_top.hpp"
#include "bitfold/fpd.hpp"
#include "bitfold_spec.hpp"

// The elements of the ports.
namespace bitfold::top {

using Row = ChannelRow<Spec>;
using UnitReceived = bitfold::UnitReceived<Spec>;
using Fronthaul = bitfold::Fronthaul<Spec>;
using Received = DistributedReceived<Spec>;
using Detected = DistributedDetected<Spec>;

}  // namespace bitfold::top

// All units with the fusion node, one coherence block: H unit by unit, then received vectors until
// one is marked last.
void fpd(hls::stream<bitfold::top::Row>& rows,
         hls::stream<bitfold::top::Received>& received,
         hls::stream<bitfold::top::Detected>& detected);

// One unit, one coherence block: an estimate for each layer of each vector; before every layer but
// a vector's first, the fusion node's point.
void fpd_unit(hls::stream<bitfold::top::Row>& rows,
              hls::stream<bitfold::top::UnitReceived>& received,
              hls::stream<bitfold::top::Fronthaul>& points,
              hls::stream<bitfold::top::Fronthaul>& estimates);
