# SPDX-License-Identifier: Apache-2.0
"""Word lengths that a search finds: ranges, losses, areas."""
