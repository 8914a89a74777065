// SPDX-License-Identifier: Apache-2.0
// The synthesizable top function of the detector that bitfold_spec.hpp describes.
// Golden model: fixedpoint/pgd.py.
#pragma once

#include "bitfold/pgd_top.hpp"
#include "bitfold_spec.hpp"

using Row = bitfold::ChannelRow<bitfold::Spec>;
using Received = bitfold::ReceivedVector<bitfold::Spec>;
using Detected = bitfold::DetectedVector<bitfold::Spec>;

// One coherence block: H row by row, then received vectors until one is marked last.
void pgd(hls::stream<Row>& rows, hls::stream<Received>& received, hls::stream<Detected>& detected);
