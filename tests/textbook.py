"""A store that holds only the textbook CNN, so that expected answers and layers do not change with a better model."""

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
(STORE / "labels.json").write_text(json.dumps({"stable": 1, "canary": None}))
