# SPDX-License-Identifier: Apache-2.0
"""bitfold, front to back: a system in one file, and one command for everything that it needs."""
