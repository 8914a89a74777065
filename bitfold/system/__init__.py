# SPDX-License-Identifier: Apache-2.0
"""The file that describes a system: its tables, how it is read, and a commented one to start."""
