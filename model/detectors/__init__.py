"""Detectors in floating point behind one call (`model.scene.Detector`), one file each."""
