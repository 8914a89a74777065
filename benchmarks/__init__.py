# SPDX-License-Identifier: Apache-2.0
"""Speed, measured against a peer in the same run; never part of a test."""

from fixedpoint.support import processes

processes.starting()
