// SPDX-License-Identifier: Apache-2.0
// The synthesizable top function of the detector that bitfold_spec.hpp describes.
// Golden model: fixedpoint/detectors/pgd.py.
#pragma once

#include "bitfold/pgd_top.hpp"
#include "bitfold_spec.hpp"

// The elements of the ports.
namespace bitfold::top {

using Row = ChannelRow<Spec>;
using Received = ReceivedVector<Spec>;
using Detected = DetectedVector<Spec>;

}  // namespace bitfold::top

// One coherence block: H row by row, then received vectors until one is marked last.
void pgd(hls::stream<bitfold::top::Row>& rows,
         hls::stream<bitfold::top::Received>& received,
         hls::stream<bitfold::top::Detected>& detected);
