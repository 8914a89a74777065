# SPDX-License-Identifier: Apache-2.0
"""The detectors, each defined once: one file, from which every view is derived."""
