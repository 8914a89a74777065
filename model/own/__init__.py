# SPDX-License-Identifier: Apache-2.0
"""Training of a detector that is only a definition: from where it starts to a spec."""
