// SPDX-License-Identifier: Apache-2.0
// The synthesizable top functions of the detector that bitfold_spec.hpp describes, and their ports.
// Golden model: fixedpoint/fpd.py.
#pragma once

#include "bitfold/distributed_top.hpp"
#include "bitfold/fpd.hpp"
#include "bitfold_spec.hpp"

using Row = bitfold::ChannelRow<bitfold::Spec>;
using UnitReceived = bitfold::UnitReceived<bitfold::Spec>;
using Fronthaul = bitfold::Fronthaul<bitfold::Spec>;
using Received = bitfold::DistributedReceived<bitfold::Spec>;
using Detected = bitfold::DistributedDetected<bitfold::Spec>;

// All units with the fusion node, one coherence block: H unit by unit, then received vectors until
// one is marked last.
void fpd(hls::stream<Row>& rows, hls::stream<Received>& received, hls::stream<Detected>& detected);

// One unit, one coherence block: an estimate for each layer of each vector; before every layer but
// a vector's first, the fusion node's point.
void fpd_unit(hls::stream<Row>& rows, hls::stream<UnitReceived>& received,
              hls::stream<Fronthaul>& points, hls::stream<Fronthaul>& estimates);
