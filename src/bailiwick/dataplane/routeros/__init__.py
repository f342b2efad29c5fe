"""RouterOS exports (v6 and v7, compact, terse and verbose): text to commands, commands to a device."""

from bailiwick.dataplane.routeros.fault import ExportError
from bailiwick.dataplane.routeros.reader import read_export

__all__ = ["ExportError", "read_export"]
