# SPDX-License-Identifier: Apache-2.0
"""Training and export of FPD-Net and its hyper-network."""
