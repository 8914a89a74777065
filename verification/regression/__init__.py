# SPDX-License-Identifier: Apache-2.0
"""The configurations and tests of the regression, and how they are run and judged."""
