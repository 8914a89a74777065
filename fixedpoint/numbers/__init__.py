# SPDX-License-Identifier: Apache-2.0
"""Integers and what they mean: formats, requantization, banks, tables, converters."""
