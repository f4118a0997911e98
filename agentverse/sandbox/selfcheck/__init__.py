"""What every sandbox must hold to, as a suite for tests, ``agentverse doctor`` and the authors of backends.

Each check looks at effects (a file that is not there, a connection that did not come), never at messages.
"""

from agentverse.sandbox.selfcheck import basics, isolation, sessions
from agentverse.sandbox.selfcheck.suite import CHECKS, Broken, CheckResult, check, selfcheck

__all__ = ["CHECKS", "Broken", "CheckResult", "basics", "check", "isolation", "selfcheck", "sessions"]
