# SPDX-License-Identifier: Apache-2.0
"""cocotb benches, the regression, long comparisons through the Verilated library, self-tests."""

from fixedpoint import processes

processes.starting()
