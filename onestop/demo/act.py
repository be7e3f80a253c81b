"""An act to come in the simulated city: done, it says what follows when."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

Act = Callable[[], "Acts"]
Next = tuple[datetime, Act]
Acts = Iterator[Next]
