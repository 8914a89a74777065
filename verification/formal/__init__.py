# SPDX-License-Identifier: Apache-2.0
"""Proofs about the modules of hls/rtl by open tools; docs/verification.md says what they claim."""
