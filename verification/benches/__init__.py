# SPDX-License-Identifier: Apache-2.0
"""The cocotb tests, a file a topic: each is a claim about the hardware. `suite.py` lists them."""
