# SPDX-License-Identifier: Apache-2.0
"""One HTML page of a build's folder: `page(folder)` is its text, `write(folder)` puts it there."""

from bitfold.report.page import FILE, page, write

__all__ = ["FILE", "page", "write"]
