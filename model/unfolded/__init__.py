# SPDX-License-Identifier: Apache-2.0
"""The float nets of PGD-Net and ADMM-Net, their data, losses and training."""
