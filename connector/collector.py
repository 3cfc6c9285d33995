"""Tell Python's garbage collector how often to look, in every process that handles a sync."""

from __future__ import annotations

import gc


def collect_seldom() -> None:
    """Run the garbage collector rarely: a sync makes millions of objects, hardly any cyclic.

    By default it would walk again and again over everything a batch keeps alive, and find nothing.
    """
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)
