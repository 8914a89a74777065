# SPDX-License-Identifier: Apache-2.0
"""Soft bits: calibrated for a spec, and measured."""
