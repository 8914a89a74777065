# SPDX-License-Identifier: Apache-2.0
"""Which task is next, and which outcomes count: the stop rule, in index order.

A point is one SNR of one plan. Its tasks are dispatched and come back in index order, whoever
computed them; an outcome that arrives after the point has ended is dropped. Which task is
dispatched next, and how far ahead, therefore changes the time that a sweep takes and nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from model.lab.counts import Counts, Sums
from model.lab.plan import Plan
from model.lab.task import Outcome, Task


@dataclass
class Point:
    """One SNR of a plan under way.

    counted: tasks counted; dispatched: tasks handed out; running: places of the detectors that
    have not ended.
    """

    plan: Plan
    snr_db: float
    counts: Counts = field(init=False)
    running: list[int] = field(init=False)
    counted: int = 0
    dispatched: int = 0

    def __post_init__(self) -> None:
        self.counts = Counts.empty(len(self.plan.detectors))
        self.running = list(range(len(self.plan.detectors)))

    @property
    def errors(self) -> int:
        """Bit errors of the running detector that has the fewest."""
        return min((int(self.counts.first[0, d, d]) for d in self.running), default=0)

    @property
    def vectors(self) -> int:
        """Vectors of every running detector."""
        return self.counted * self.plan.task_blocks * self.plan.system.vectors

    @property
    def last(self) -> int:
        """The task after which no detector runs any more, however few its errors."""
        return max((self.plan.last_task(self.plan.detectors[d]) for d in self.running), default=0)

    @property
    def expected(self) -> int:
        """Tasks that the point is likely to need; one as long as nothing is known."""
        if not self.counted:
            return 1
        return max((self._expected(d) for d in self.running), default=0)

    @property
    def share(self) -> float:
        """How much of the point is done, 0 to 1, by what it is likely to need."""
        return min(1.0, self.counted / self.expected) if self.running else 1.0

    def count(self, detectors: Sequence[str], sums: Sums) -> None:
        """Count the next task's sums, then end every detector that has enough."""
        places = {self.plan.detectors.index(text): i for i, text in enumerate(detectors)}
        chosen = sums.select([places[d] for d in self.running])
        self.counts.add(self.running, self.plan.task_blocks, chosen)
        self.counted += 1
        if self.counted > self.dispatched:  # read from a journal
            self.dispatched = self.counted
        self.running = [d for d in self.running if not self._ended(d)]

    def _ended(self, d: int) -> bool:
        enough = self.counts.first[0, d, d] >= self.plan.errors
        if enough and self.vectors >= self.plan.min_vectors:
            return True
        return self.counted >= self.plan.last_task(self.plan.detectors[d])

    def _expected(self, d: int) -> int:
        last, errors = self.plan.last_task(self.plan.detectors[d]), self.counts.first[0, d, d]
        if not errors:
            return last
        least = math.ceil(self.plan.min_vectors * self.counted / self.vectors)
        needed = math.ceil(self.counted * self.plan.errors / errors)
        return min(last, max(needed, least, self.counted + 1))


class Schedule:
    """The tasks of all points of some plans, as an iterator that looks at what was counted.

    joblib asks for tasks in a thread of its own while outcomes are counted in another: there is
    one writer of every field, `__next__` of `dispatched` and `accept` of all else. The iterator
    hands out tasks that points are likely to need, then tasks ahead of need, and ends when no
    point that is under way has a task left to hand out.
    """

    def __init__(self, plans: Sequence[Plan], device: str) -> None:
        self.points = [Point(plan, snr_db) for plan in plans for snr_db in plan.snr_db]
        self._device = device

    def __iter__(self) -> Schedule:
        return self

    def __next__(self) -> Task:
        open_points = [
            (number, point)
            for number, point in enumerate(self.points)
            if point.running and point.dispatched < point.last
        ]
        if not open_points:
            raise StopIteration
        number, point = min(open_points, key=lambda entry: self._surplus(*entry))
        return self._task(number, point)

    @property
    def finished(self) -> bool:
        """Whether every point has ended."""
        return not any(point.running for point in self.points)

    def accept(self, outcome: Outcome) -> Point | None:
        """Count an outcome; returns its point, or None if the point had ended before.

        Raises `ValueError` if it isn't the point's next one.
        """
        task, point = outcome.task, self.points[outcome.task.point]
        if not point.running:
            return None
        if task.index != point.counted:
            raise ValueError(f"task {task.index} at {point.snr_db:g} dB was found where task "
                             f"{point.counted} was expected")  # fmt: skip
        point.count(task.detectors, outcome.sums)
        return point

    @staticmethod
    def _surplus(number: int, point: Point) -> tuple[int, int]:
        """Tasks handed out beyond need, 0 at most for those in need; then points in order."""
        return max(0, point.dispatched + 1 - point.expected), number

    def _task(self, number: int, point: Point) -> Task:
        task = Task(
            point=number,
            system=point.plan.system,
            detectors=tuple(point.plan.detectors[d] for d in list(point.running)),
            snr_db=point.snr_db,
            seed=point.plan.seed,
            index=point.dispatched,
            blocks=point.plan.task_blocks,
            device=self._device,
        )
        point.dispatched += 1
        return task
