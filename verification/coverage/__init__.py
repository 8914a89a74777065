# SPDX-License-Identifier: Apache-2.0
"""Coverage points of the RTL, and the exceptions with their reasons."""
