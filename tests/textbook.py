"""Stores that hold only the first versions, so that expected answers and layers do not change with better models."""

from __future__ import annotations

import atexit
import json
import shutil
import tempfile
from pathlib import Path

from models.registry.store import ARTIFACTS

_HOME = Path(tempfile.mkdtemp(prefix="digits-textbook-"))
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
STORE = _HOME / "digits"
shutil.copytree(ARTIFACTS / "digits/1", STORE / "1")
NUMBERS = _HOME / "numbers"
shutil.copytree(ARTIFACTS / "numbers/1", NUMBERS / "1")
for store in (STORE, NUMBERS):
    (store / "labels.json").write_text(json.dumps({"stable": 1, "canary": None}))
