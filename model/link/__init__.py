# SPDX-License-Identifier: Apache-2.0
"""bitfold's detectors in links that Sionna simulates (the extra `sionna`)."""
