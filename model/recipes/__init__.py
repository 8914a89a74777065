# SPDX-License-Identifier: Apache-2.0
"""How each detector's networks are trained and its specs are made: one file a detector."""
