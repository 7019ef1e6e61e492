"""For tests of applications and of stores: time and ids that a test decides, and the contract of a store.

import worklattice
from worklattice.testing import ManualClock, SequentialIds

wl = worklattice.open("memory:", clock=ManualClock(), ids=SequentialIds())
"""

from worklattice.testing.clock import ManualClock, SequentialIds

__all__ = ["ManualClock", "SequentialIds"]
