# SPDX-License-Identifier: Apache-2.0
"""The float nets of HPD and FPD-Net, their losses and the specs of their units."""
