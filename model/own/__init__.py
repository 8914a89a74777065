# SPDX-License-Identifier: Apache-2.0
"""Training by the graph of a program: of a definition, or on from a spec of any detector."""
