"""The contract of a store, run over every store."""

import pytest

pytest.register_assert_rewrite("worklattice.testing.store_contract")
