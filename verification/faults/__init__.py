# SPDX-License-Identifier: Apache-2.0
"""Planted faults: operators, places, mutants, and what notices them."""
