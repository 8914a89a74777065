# SPDX-License-Identifier: Apache-2.0
"""What a detector meets: channel, inputs, coherence blocks, samples; and its views on them."""
