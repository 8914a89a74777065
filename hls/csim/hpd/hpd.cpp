// SPDX-License-Identifier: Apache-2.0
// The top functions that Vitis HLS synthesizes: ports here, else bitfold/distributed_top.hpp.
#include "hpd.hpp"

void hpd(hls::stream<bitfold::top::Row>& rows,
         hls::stream<bitfold::top::Received>& received,
         hls::stream<bitfold::top::Detected>& detected) {
#pragma HLS INTERFACE axis port = rows
#pragma HLS INTERFACE axis port = received
#pragma HLS INTERFACE axis port = detected
#pragma HLS INTERFACE ap_ctrl_hs port = return
  bitfold::distributed_top<bitfold::Hpd<bitfold::Spec>>(rows, received, detected);
}

void hpd_unit(hls::stream<bitfold::top::Row>& rows,
              hls::stream<bitfold::top::UnitReceived>& received,
              hls::stream<bitfold::top::Fronthaul>& points,
              hls::stream<bitfold::top::Fronthaul>& estimates) {
#pragma HLS INTERFACE axis port = rows
#pragma HLS INTERFACE axis port = received
#pragma HLS INTERFACE axis port = points
#pragma HLS INTERFACE axis port = estimates
#pragma HLS INTERFACE ap_ctrl_hs port = return
  bitfold::unit_top<bitfold::Hpd<bitfold::Spec>>(rows, received, points, estimates);
}
