# SPDX-License-Identifier: Apache-2.0
"""The RTL, Verilated: a shared library that a C++ loop drives, for long exact comparisons."""
