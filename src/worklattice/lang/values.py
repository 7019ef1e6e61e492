"""The values that conditions compare: JSON values and times."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeAlias

Value: TypeAlias = str | int | float | bool | datetime | list[Any] | dict[str, Any] | None
"""What stands inside arrays and objects is JSON; times stand alone."""
