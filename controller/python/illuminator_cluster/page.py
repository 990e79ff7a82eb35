"""Results in a browser."""

from __future__ import annotations

import html
import os
import subprocess
import weakref
from typing import Any

from .command import Answer, call, controller, end
from .result import Run

_SAID = "the page is at "


class Page:
    """A result on a page that a browser shows, until it is closed or this program ends.

    address: where it is. In a notebook, the page is what this shows as.
    """

    def __init__(self, child: subprocess.Popen[str], address: str, result: Any) -> None:
        self.address = address
        self._child = child
        # The file of a run that is only here stays as long as the page.
        self._result = result
        self._end = weakref.finalize(self, end, child)

    def close(self) -> None:
        """Ends it."""
        self._end()

    def wait(self) -> None:
        """Waits until somebody presses Ctrl-C."""
        try:
            self._child.wait()
        except KeyboardInterrupt:
            self.close()

    def __enter__(self) -> Page:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Page at {self.address}>"

    def _repr_html_(self) -> str:
        address = html.escape(self.address, quote=True)
        return f'<iframe src="{address}" width="100%" height="640" style="border:0"></iframe>'


def show(result: Run | str | os.PathLike[str], *compare: Run | str | os.PathLike[str], browser: bool = True) -> Page:
    """Shows a result, with others in the same charts.

    browser: open a browser.

    Raises UsageError where there is no result.
    """
    for each in (result, *compare):
        # A page is there before its result is read.
        call("totals", {"json": True}, _path(each)).expect()
    words = [controller(), "show", *(f"--compare={_path(other)}" for other in compare)]
    words += [] if browser else ["--no-browser"]
    child = subprocess.Popen(
        [*words, "--", _path(result)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )
    said = []
    try:
        for line in child.stderr:
            if _SAID in line:
                return Page(child, line.split(_SAID, 1)[1].split()[0], (result, compare))
            said.append(line)
        raise Answer(child.wait(), "", "".join(said)).error(None)
    except BaseException:
        end(child)
        raise


def _path(result: Run | str | os.PathLike[str]) -> str:
    return os.fspath(result.path if isinstance(result, Run) else result)
