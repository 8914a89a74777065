# SPDX-License-Identifier: Apache-2.0
"""Word lengths that a search finds: ranges, losses, areas."""

from bitfold.words.search import QUICK, Effort, Found, search

__all__ = ["QUICK", "Effort", "Found", "search"]
