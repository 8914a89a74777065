# SPDX-License-Identifier: Apache-2.0
"""`python -m bitfold`, the same as the command `bitfold`."""

from bitfold.command import main

if __name__ == "__main__":
    raise SystemExit(main())
