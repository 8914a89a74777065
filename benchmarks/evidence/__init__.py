# SPDX-License-Identifier: Apache-2.0
"""The evidence of docs/results: every figure and table from the shipped networks, one command."""
