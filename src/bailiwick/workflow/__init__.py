"""The one place that strings the stages together: read, check, build. ``trial`` stands apart, as it loads the twin."""

from bailiwick.workflow.building import Built, Refused, build
from bailiwick.workflow.checking import Checked, check
from bailiwick.workflow.reading import Read, read, read_text

__all__ = ["Built", "Checked", "Read", "Refused", "build", "check", "read", "read_text"]
