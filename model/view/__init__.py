# SPDX-License-Identifier: Apache-2.0
"""A program in torch: fake-quantized, equal to the golden view, or float; trained in either way."""
