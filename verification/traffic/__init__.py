# SPDX-License-Identifier: Apache-2.0
"""Stimuli, streams, traces and scoreboards of the benches."""
