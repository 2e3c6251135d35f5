"""Work that is done side by side, and that nobody waits for longer than they said."""

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

Task = TypeVar("Task")
Made = TypeVar("Made")


def done(tasks: Sequence[Task], work: Callable[[Task], Made], *, workers: int, seconds: float) -> Iterator[tuple[Task, Made]]:
    """Each task with its result, as it comes, until ``seconds`` have passed; what is not done by then is left out.

    ``work`` must not raise. Its threads may be left behind, and keep no program from ending: no read of a socket can be called back.
    """
    waiting: queue.SimpleQueue[Task] = queue.SimpleQueue()
    results: queue.SimpleQueue[tuple[Task, Made]] = queue.SimpleQueue()
    end = time.monotonic() + seconds
    for task in tasks:
        waiting.put(task)

    def run() -> None:
        while time.monotonic() < end:
            try:
                task = waiting.get_nowait()
            except queue.Empty:
                return
            results.put((task, work(task)))

    for _ in range(min(workers, len(tasks))):
        threading.Thread(target=run, daemon=True).start()
    for _ in tasks:
        try:
            yield results.get(timeout=max(0.0, end - time.monotonic()))
        except queue.Empty:
            return
