# SPDX-License-Identifier: Apache-2.0
"""Evidence of links: coded words and PUSCH slots, what is measured of them, and their pages."""
