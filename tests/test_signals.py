# SPDX-License-Identifier: Apache-2.0
"""Commands are ended at a few random moments; `python -m tests.signals` does it with all, often."""

import pytest

from tests import signals


@pytest.mark.parametrize("name", ["golden", "csim", "native", "evaluate"])
def test_a_signal_at_any_moment_leaves_nothing_and_the_next_run_works(name, tmp_path):
    _, faults = signals.trial(name, 2, 0, tmp_path / "place")
    assert faults == []
