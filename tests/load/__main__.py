"""python -m tests.load: load a running service with drawings, batches and invalid requests; fail if a limit is broken.

Every option of locust works and overrides the defaults here; `--web` opens locust's page instead of starting at once.
"""

from __future__ import annotations

import sys
from pathlib import Path

from locust.main import main

DEFAULTS = {
    "--locustfile": str(Path(__file__).with_name("locustfile.py")),
    "--host": "http://127.0.0.1:8000",
    "--users": "20",
    "--spawn-rate": "20",  # users started per second
    "--run-time": "20s",
    "--web-host": "127.0.0.1",
}

if __name__ == "__main__":
    given = sys.argv[1:]
    mode = [] if "--web" in given else ["--headless", "--only-summary"]
    defaults = [part for option in DEFAULTS.items() for part in option]
    sys.argv[1:] = [*defaults, *mode, *(argument for argument in given if argument != "--web")]
    main()
