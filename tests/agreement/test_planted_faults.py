"""The test of the test: the machine finds each of many planted faults."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.agreement.faults import FAULTS
from tests.agreement.machine import AgreementMachine

UNTIL_FOUND = settings(
    max_examples=500,
    stateful_step_count=30,
    phases=(Phase.generate,),
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
    suppress_health_check=tuple(HealthCheck),
)


@pytest.mark.parametrize("name", FAULTS)
def test_planted_fault_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the fault planted, the machine does not run through, on memory alone."""
    fault = FAULTS[name]
    monkeypatch.setattr(fault.target, "__code__", fault.code())
    try:
        run_state_machine_as_test(lambda: AgreementMachine(None), settings=UNTIL_FOUND)
    except Exception:  # noqa: BLE001 - a fault may show as anything
        return
    pytest.fail("the machine did not notice")
