# SPDX-License-Identifier: Apache-2.0
"""The RTL view: a program's row, column and fusion functions as pipelined SystemVerilog."""
