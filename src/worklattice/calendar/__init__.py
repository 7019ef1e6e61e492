"""Time as people plan it: zones, working hours, maintenance windows, deadlines and schedules.

Everything is a value, and every moment comes in as an argument, in microseconds since 1970 (`Micros`).

- `zones`: from moments to what clocks show, and back, over summer time;
- `year_days`, `recurring`, `cron`: when something comes next by the clock; `schedules`: the same as moments;
- `working`: working hours, forwards and backwards; `windows`: maintenance windows; `due`: deadlines;
- `named`: working hours and windows together, as they are kept under a name;
- `schedule_form`, `calendar_form`, `window_form`: reading them from JSON, every problem with its path;
  `reading`: what all of them need.

Not here: how schedules, deadlines and hours are written (`worklattice.lang`), the time of day
(`worklattice.system`), and what of a task says when it is due.
"""

from worklattice.calendar.calendar_form import parse_calendar
from worklattice.calendar.cron import lacks_library_alone
from worklattice.calendar.due import due_moment
from worklattice.calendar.named import NamedCalendar, name_fault, parse_named
from worklattice.calendar.schedule_form import parse_schedule
from worklattice.calendar.schedules import Schedule
from worklattice.calendar.window_form import parse_windows
from worklattice.calendar.windows import FixedWindow, RecurringWindow, Window, Windows
from worklattice.calendar.working import Calendar
from worklattice.calendar.zones import UTC_ZONE, Micros, Zone, ZoneError, parse_zone

__all__ = [
    "UTC_ZONE",
    "Calendar",
    "FixedWindow",
    "Micros",
    "NamedCalendar",
    "RecurringWindow",
    "Schedule",
    "Window",
    "Windows",
    "Zone",
    "ZoneError",
    "due_moment",
    "lacks_library_alone",
    "name_fault",
    "parse_calendar",
    "parse_named",
    "parse_schedule",
    "parse_windows",
    "parse_zone",
]
