// SPDX-License-Identifier: Apache-2.0
// The synthesizable top function of the detector that bitfold_spec.hpp describes.
// Golden model: fixedpoint/admm.py.
#pragma once

#include "bitfold/admm_top.hpp"
#include "bitfold_spec.hpp"

using Row = bitfold::MatrixRow<bitfold::Spec>;
using Received = bitfold::ReceivedVector<bitfold::Spec>;
using Detected = bitfold::AdmmDetected<bitfold::Spec>;

// One coherence block: the rows of F transposed, then of P, then received vectors until one is
// marked last. index_errors: vectors with another SNR index than their block's, since reset.
void admm(hls::stream<Row>& rows, hls::stream<Received>& received, hls::stream<Detected>& detected,
          bitfold::IndexErrors& index_errors);
