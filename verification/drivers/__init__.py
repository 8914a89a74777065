# SPDX-License-Identifier: Apache-2.0
"""What the cocotb tests drive modules with: sources, sinks, the trace, the golden model."""
