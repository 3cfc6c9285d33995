"""List the exercises of the lab in the order of their difficulty."""

from __future__ import annotations

from connector.lab.exercises.reading import FILTER_TYPO, LOST_RIGHT
from connector.lab.exercises.surroundings import ADMIN_ROLE, FULL_DISK
from connector.lab.exercises.values import CONFLICT, WRONG_SUFFIX

EXERCISES = {
    exercise.name: exercise
    for exercise in (CONFLICT, WRONG_SUFFIX, FILTER_TYPO, LOST_RIGHT, ADMIN_ROLE, FULL_DISK)
}
