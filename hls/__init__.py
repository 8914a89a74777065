# SPDX-License-Identifier: Apache-2.0
"""HLS C++ and SystemVerilog of every detector, emitted numbers, csim and native builds."""

from fixedpoint import processes

processes.starting()
