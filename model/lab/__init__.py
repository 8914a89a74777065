# SPDX-License-Identifier: Apache-2.0
"""The accuracy lab: Monte-Carlo sweeps, intervals, tables and plots."""
