"""What the owner's side and the agent say to each other.

``python3 -I /var/lib/bailiwick/agent/SHA256.pyz COMMAND``, as root. The agent reads one JSON object from its standard
input, to the end (nothing at all is ``{}``), and writes JSON objects to its standard output, one a line, each flushed.
The last line is the **answer**; lines before it, of ``progress`` alone, are news. Nothing of a secret is ever an
argument, in the environment, or in an answer. Bytes are base64. Times are seconds: of CLOCK_BOOTTIME where the key says
``at``, a span where it says ``left``, ``wait`` or ``patience``; ``made`` and ``when`` are UTC, ISO 8601.

Exit status: 0, and the answer is the command's; 1, and the answer is ``{"error": SENTENCE, "kind": KIND}``: refused,
and nothing was changed by this command. KIND is one of ``KINDS``. Any other status, or a last line that is no JSON
object: the agent is broken, or the connection was cut (ssh: 255); what the device did is not known: ask ``status``.

=============  ==================================================  ===================================================
command        asks                                                answers
=============  ==================================================  ===================================================
``facts``      ``units``, ``drift`` (bool)                         ``agent`` (version), ``boot``, ``at`` (now),
                                                                   ``system`` (``id``, ``version``, ``name`` of
                                                                   os-release), ``kernel``, ``python``, ``systemd``
                                                                   (true: it is init), ``links`` (each
                                                                   ``name``, ``mac``, ``kind`` ("" for a port),
                                                                   ``up``, ``addresses``: with their lengths,
                                                                   ``default``: a default route leaves by it),
                                                                   ``space`` (directory: bytes that are free, of
                                                                   ``state``, ``etc`` and ``usr``), ``confirmed``
                                                                   (number, 0), ``generation`` (the confirmed one as
                                                                   data, null), ``window`` (as of ``status``),
                                                                   ``lock`` (null or ``owner``, ``pid``, ``since``),
                                                                   ``came_by`` (the address of the device that this
                                                                   connection came to, "" for none), ``came_from``
                                                                   (its other end), ``installed`` (of the units that
                                                                   ``units`` in the input names: their state as
                                                                   ``enabled``, ``disabled``, ``masked``, ``static``,
                                                                   ``not-found`` and whether ``active``; name: [state,
                                                                   active]), ``drift`` (as of ``drift``; null unless
                                                                   it is asked for, no window is open, and systemd is
                                                                   init)
``live``       ``listing`` (bool)                                  ``digest``; where asked for: ``listing``, name to
                                                                   text, as ``audit`` reads them
``preflight``  ``generation``, ``contents`` (path to bytes, with   ``findings``: each ``severity`` (``error``,
               markers in place of secrets)                        ``warning``), ``what`` (a path, a tool, a link),
                                                                   ``text`` (one sentence). Nothing is written outside
                                                                   a directory of its own in /run
``stage``      ``generation`` (``agent.model.as_text``, number 0:  ``number``
               it is given here), ``contents`` (path to bytes)
``begin``      ``number`` (of a staged or an earlier generation;   ``began`` true; or ``unchanged`` true: nothing was
               0: as before the first), ``patience``, ``limit``    touched and no window is open. Comes when the timer
               (seconds for the switch itself), ``token``          is armed and the switch's unit was started
               (SHA-256, hex), ``owner`` (who, for people),
               ``expect`` (digest of ``live`` that was planned
               with; "": whatever it is)
``uninstall``  as ``begin`` without ``number``                     as ``begin``; its commit also takes our own units
                                                                   away
``progress``   ``after`` (lines that are known already, 0),        news: ``line`` (from 1), ``at``, ``step``, ``text``
               ``wait`` (how long to wait for more, at most)       (a sentence); ``probe`` (null or ``kind``,
                                                                   ``what``, ``holds``). The answer comes when the
                                                                   switch stands or is over or ``wait`` is spent:
                                                                   ``window`` (as of ``status``)
``confirm``    ``token`` (the word itself)                         ``confirmed`` (number), ``text``
``extend``     ``patience``                                        ``window``
``rollback``   ``why``                                             ``returning`` (number that comes back): gives up
                                                                   the window that is open; refused (``no-window``)
                                                                   without one. Another generation is ``begin``'s
``status``     nothing                                             ``window``: null or ``old``, ``new``, ``phase``,
                                                                   ``left``, ``owner``, ``reason``; ``confirmed``,
                                                                   ``device``, ``boot``, ``units`` (of the confirmed
                                                                   generation and our own: name to ``active``,
                                                                   ``failed``…), ``last`` (the last entry of
                                                                   ``history``, null)
``history``    nothing                                             ``entries`` (each ``when``, ``what``, and more);
                                                                   ``generations``: each ``number``, ``made``,
                                                                   ``device``, ``tool``, ``source``, ``files``
                                                                   (count), ``confirmed`` (bool), ``whole`` (bool)
``show``       ``number``                                          ``generation``, ``contents`` (path to bytes;
                                                                   ``shown`` in place of what bears a secret)
``drift``      nothing                                             ``digest``; ``differences``: each ``aspect``,
                                                                   ``what``, ``wanted``, ``found``, ``ours`` (false:
                                                                   foreign, left alone), ``whose``, ``text`` (one
                                                                   sentence)
``destroy``    nothing                                             ``destroyed`` true; refused (``installed``) before
                                                                   ``uninstall``
=============  ==================================================  ===================================================

The arguments ``deadman``, ``boot`` and ``switch`` are for the device's own units.

Pushing: ``python3 -I -c BOOTSTRAP`` reads the zipapp from its standard input, checks its SHA-256 and writes it as
``/var/lib/bailiwick/agent/SHA256.pyz``, 0600 in a directory 0700 (``apply/agent_file.py``). ``agent/current`` is the
agent's own to point at what its units run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS = (
    "window-open",  # an apply is not confirmed yet; ``window`` says whose
    "no-window",
    "locked",  # somebody else's command runs; ``lock`` says whose
    "drifted",  # the device is not as ``expect`` says
    "refused",  # by the state machine: the sentence says why
    "damaged",  # a generation cannot be read whole
    "unknown-generation",
    "space",
    "installed",
    "input",  # what was asked is no question
    "world",  # a tool is missing or failed
)
"""Of an error. What is not understood is to be treated as ``world``."""

REFUSED = 1


class Refusal(Exception):
    """The agent said no; its sentence is the message. ``data`` is the whole answer."""

    def __init__(self, sentence: str, kind: str, data: Mapping[str, Any]) -> None:
        super().__init__(sentence)
        self.kind = kind
        self.data = data


class Garbled(Exception):
    """What came back is no answer; what the device did is not known."""


@dataclass(frozen=True, slots=True)
class Window:
    """An apply that is not confirmed yet, as ``status`` tells of it. ``left`` seconds until the old one comes back."""

    old: int
    new: int
    phase: str
    left: float
    owner: str = ""
    reason: str = ""

    @staticmethod
    def of(data: Mapping[str, Any] | None) -> Window | None:
        """Raises Garbled."""
        if data is None:
            return None
        try:
            return Window(
                int(data["old"]),
                int(data["new"]),
                str(data["phase"]),
                float(data["left"]),
                str(data.get("owner", "")),
                str(data.get("reason", "")),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise Garbled(f"The device tells of an apply that cannot be read ({error}).") from error


@dataclass(slots=True)
class Reading:
    """The lines of one command, one after the other."""

    last: Mapping[str, Any] | None = field(default=None)

    def line(self, text: str) -> Mapping[str, Any]:
        """Raises Garbled."""
        try:
            data = json.loads(text)
        except ValueError:
            data = None
        if not isinstance(data, dict):
            raise Garbled(f"The device answers what is no answer: {text.strip()[:120]!r}.")
        self.last = data
        return data

    def answer(self, status: int, errors: str = "") -> Mapping[str, Any]:
        """The last line, once the process ended with ``status``. Raises Refusal and Garbled."""
        if self.last is not None and status == REFUSED and isinstance(self.last.get("error"), str):
            raise Refusal(self.last["error"], str(self.last.get("kind", "world")), self.last)
        if self.last is None or status != 0:
            words = errors.strip().splitlines()[-1:]
            why = f": {words[0]}" if words else "."
            raise Garbled(f"The device's agent ended with status {status} and no answer{why}")
        return self.last
