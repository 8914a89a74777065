# SPDX-License-Identifier: Apache-2.0
"""Systems and their scenes: channels, converters, units, Sionna."""
