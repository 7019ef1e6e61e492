"""How hard Hypothesis tries.

`dev` is what runs at the keyboard, `ci` the same every time, `long` is for `nox -s properties`. Choose one
with `HYPOTHESIS_PROFILE` or `--hypothesis-profile`. None has a deadline: no test depends on speed.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("worklattice.testing.store_contract")  # its asserts are to show their values

_ANY_SPEED = (HealthCheck.too_slow,)

settings.register_profile("dev", deadline=None, suppress_health_check=_ANY_SPEED)
settings.register_profile(
    "ci",
    parent=settings.get_profile("dev"),
    database=None,
    derandomize=True,
    print_blob=True,
)
settings.register_profile(
    "long",
    parent=settings.get_profile("dev"),
    max_examples=20_000,
    stateful_step_count=100,
    print_blob=True,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if "CI" in os.environ else "dev"))
