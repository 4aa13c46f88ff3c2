"""Settings of a whole test run: where nothing may be skipped, property tests draw the same cases every time."""

import os

from hypothesis import settings

settings.register_profile("reproducible", derandomize=True)
if os.environ.get("SYMGRAD_REQUIRE_ALL"):
    settings.load_profile("reproducible")
