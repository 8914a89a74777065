# SPDX-License-Identifier: Apache-2.0
"""Quantizers with straight-through gradients, on Brevitas', and constants of banks and tables."""
