# SPDX-License-Identifier: Apache-2.0
"""What every command line of bitfold does with a user's mistake."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from typing import NoReturn

USER_ERROR = 2
MISMATCH = 1


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one line too."""

    def error(self, message: str) -> NoReturn:
        """Print the mistake in one line and leave with exit status 2."""
        self.exit(USER_ERROR, f"error: {message} ({self.prog} --help lists the options)\n")


def run(body: Callable[[], int]) -> int:
    """Run a command; a `ValueError` becomes one line on standard error and exit status 2."""
    try:
        return body()
    except ValueError as error:
        print(f"error: {' '.join(str(error).split())}", file=sys.stderr)
        return USER_ERROR
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return MISMATCH
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
