// SPDX-License-Identifier: Apache-2.0
// The top function that Vitis HLS synthesizes: ports here, the detector in bitfold/admm_top.hpp.
#include "admm.hpp"

void admm(hls::stream<bitfold::top::Row>& rows,
          hls::stream<bitfold::top::Received>& received,
          hls::stream<bitfold::top::Detected>& detected,
          bitfold::IndexErrors& index_errors) {
#pragma HLS INTERFACE axis port = rows
#pragma HLS INTERFACE axis port = received
#pragma HLS INTERFACE axis port = detected
#pragma HLS INTERFACE ap_vld port = index_errors
#pragma HLS INTERFACE ap_ctrl_hs port = return
  static bitfold::IndexErrors errors = 0;
#pragma HLS RESET variable = errors
  bitfold::admm_top<bitfold::Spec>(rows, received, detected, errors);
  index_errors = errors;
}
