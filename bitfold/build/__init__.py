# SPDX-License-Identifier: Apache-2.0
"""A build: stages one after the other in a folder, which goes on where it was."""
