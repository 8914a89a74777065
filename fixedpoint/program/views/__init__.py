# SPDX-License-Identifier: Apache-2.0
"""The numpy views of a program: golden, fast, float twin, events, reach."""
