// SPDX-License-Identifier: Apache-2.0
// The synthesizable top function of the detector that bitfold_spec.hpp describes.
// Golden model: fixedpoint/detectors/admm.py.
#pragma once

#include "bitfold/admm_top.hpp"
#include "bitfold_spec.hpp"

// The elements of the ports.
namespace bitfold::top {

using Row = MatrixRow<Spec>;
using Received = ReceivedVector<Spec>;
using Detected = AdmmDetected<Spec>;

}  // namespace bitfold::top

// One coherence block: the rows of F transposed, then of P, then received vectors until one is
// marked last. index_errors: vectors with another SNR index than their block's, since reset.
void admm(hls::stream<bitfold::top::Row>& rows,
          hls::stream<bitfold::top::Received>& received,
          hls::stream<bitfold::top::Detected>& detected,
          bitfold::IndexErrors& index_errors);
