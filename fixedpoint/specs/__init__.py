# SPDX-License-Identifier: Apache-2.0
"""The spec classes of the detectors, and the shipped specs."""
