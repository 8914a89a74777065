# SPDX-License-Identifier: Apache-2.0
"""The C++ view: a program's layers as C++, an operation a line, on the primitives of include/."""
