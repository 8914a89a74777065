# SPDX-License-Identifier: Apache-2.0
"""Stress specs of small widths, and inputs that drive every branch, saturation and tie."""
