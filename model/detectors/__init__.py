# SPDX-License-Identifier: Apache-2.0
"""Detectors in floating point behind one call (`model.systems.scene.Detector`), one file each."""
