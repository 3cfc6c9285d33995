"""What all tables of the settings have in common."""

from __future__ import annotations

from datetime import timedelta

from pydantic import BaseModel, ConfigDict, field_validator

from connector.settings.kinds import LONGEST_DURATION


class Section(BaseModel):
    """A table of the file: immutable, without unknown keys or numbers that nothing can hold."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @field_validator("*")
    @classmethod
    def _in_range(cls, value: object) -> object:
        """Refuse a number beyond 64 bits, and a time that would leave the calendar."""
        if isinstance(value, int) and not abs(value) < 2**63:
            raise ValueError("is out of range")
        if isinstance(value, timedelta) and value > LONGEST_DURATION:
            raise ValueError(f"must be at most {LONGEST_DURATION.days}d")
        return value
