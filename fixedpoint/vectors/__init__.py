# SPDX-License-Identifier: Apache-2.0
"""Golden vectors: drawn, run, counted, written to files and compared."""
