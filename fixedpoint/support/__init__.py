# SPDX-License-Identifier: Apache-2.0
"""Files, processes, tables of text: nothing of detectors."""
