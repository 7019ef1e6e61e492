import pytest

import worklattice
from worklattice import DependencySpec, NewTask
from worklattice.demo import Paper, RefusedError, demo_clock, page
from worklattice.demo.reports import reports


def test_reports_on_nothing_say_so() -> None:
    """An empty workspace has nothing overdue, nothing done and nothing blocked."""
    with worklattice.open("memory:", clock=demo_clock()) as wl:
        lines = list(reports(wl, Paper()))
        assert lines.count("  none") == 3
        assert "  0 completed" in lines
        assert page(wl, Paper(), demo=True).startswith("No tasks as of")


def test_a_report_shows_its_first_page_and_counts_the_rest() -> None:
    """The payloads ask for no more than the default page."""
    waiting = [
        NewTask(task_type="step", dependencies=(DependencySpec(dependency_task_id="first"),))
        for _ in range(60)
    ]
    with worklattice.open("memory:", clock=demo_clock()) as wl:
        wl.create_generic_task("step", task_id="first")
        wl.batch_create(waiting)
        assert list(reports(wl, Paper()))[-1] == "  … and 10 more"


def test_a_report_that_is_refused_is_an_error() -> None:
    """Here because the store was closed."""
    wl = worklattice.open("memory:", clock=demo_clock())
    wl.close()
    with pytest.raises(RefusedError, match="StoreError"):
        list(reports(wl, Paper()))
