"""`diagnose` tells what is suspicious about a call of a loss, `diagnose.watch()` about those of a training.

As a command: `python -m lossviz diagnose train.py` runs a script so.
"""

from lossviz.diagnose.finding import Finding, Report, Severity
from lossviz.diagnose.watching import diagnose, watch

__all__ = ["Finding", "Report", "Severity", "diagnose", "watch"]

diagnose.watch = watch
