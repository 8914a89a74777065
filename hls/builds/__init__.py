# SPDX-License-Identifier: Apache-2.0
"""Compilers, simulators and the cache of what they built; the native library."""
