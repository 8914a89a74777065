# SPDX-License-Identifier: Apache-2.0
"""A detector as a graph of integers: `trace` runs its definition, every view walks it."""
