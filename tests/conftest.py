"""What all tests share: nothing leaves the machine, and property tests do not fail because the machine is busy."""

import os
import tempfile

from hypothesis import settings

os.environ["STREAMLIT_BROWSER_GATHER_USAGE_STATS"] = "false"  # also for servers that tests start
os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="proved-in-tests-")  # what tests prove is not remembered on the machine

# On the build the examples are the same at each run, so that a red build is red for everyone; at a desk they are fresh.
settings.register_profile("project", deadline=None, derandomize=bool(os.environ.get("CI")), print_blob=True)
settings.load_profile("project")
