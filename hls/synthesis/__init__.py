# SPDX-License-Identifier: Apache-2.0
"""Areas, clocks and throughput by open tools."""
