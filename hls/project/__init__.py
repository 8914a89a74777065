# SPDX-License-Identifier: Apache-2.0
"""What a spec is emitted as: C++, SystemVerilog and Vitis projects, and their manifest."""
