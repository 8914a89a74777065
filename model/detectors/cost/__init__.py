# SPDX-License-Identifier: Apache-2.0
"""Operations and memory of the receivers."""
