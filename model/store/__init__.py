# SPDX-License-Identifier: Apache-2.0
"""Checkpoints, runs to resume, and the shipped networks."""
