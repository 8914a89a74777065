# SPDX-License-Identifier: Apache-2.0
"""The claims of papers and of this project, each beside what was measured."""
