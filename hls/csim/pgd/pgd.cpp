// SPDX-License-Identifier: Apache-2.0
// The top function that Vitis HLS synthesizes: ports here, the detector in bitfold/pgd_top.hpp.
#include "pgd.hpp"

void pgd(hls::stream<bitfold::top::Row>& rows,
         hls::stream<bitfold::top::Received>& received,
         hls::stream<bitfold::top::Detected>& detected) {
#pragma HLS INTERFACE axis port = rows
#pragma HLS INTERFACE axis port = received
#pragma HLS INTERFACE axis port = detected
#pragma HLS INTERFACE ap_ctrl_hs port = return
  bitfold::pgd_top<bitfold::Spec>(rows, received, detected);
}
