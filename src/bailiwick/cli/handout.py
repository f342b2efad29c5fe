"""What a trial leaves in a directory: its result in two forms, and of each refuted claim the packets and a script."""

from __future__ import annotations

import json
import re
from pathlib import Path

from bailiwick.report.junit import junit
from bailiwick.report.records import matrix_record, result_record
from bailiwick.report.refutations import refutation_lines
from bailiwick.report.replay import replay_script
from bailiwick.twin.wire.pcapng import pcapng
from bailiwick.workflow.trial import Trial

NAME = 60


def hand_out(trial: Trial, home: Path, directory: Path) -> tuple[Path, ...]:
    """The files written: ``result.json``, ``junit.xml``, and ``refuted-NN-CLAIM`` with ``.pcapng`` and ``.sh``.

    What an earlier trial left of refuted claims is taken away. Raises OSError.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for old in directory.glob("refuted-[0-9][0-9]*.*"):
        if old.suffix in (".pcapng", ".sh"):
            old.unlink()
    written = [directory / "result.json", directory / "junit.xml"]
    record = {"matrix": matrix_record(trial.matrix), "result": result_record(trial.result)}
    written[0].write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    written[1].write_text(junit_of(trial), encoding="utf-8")
    for number, one in enumerate(trial.result.refutations, 1):
        stem = f"refuted-{number:02}-{re.sub('[^A-Za-z0-9.]+', '-', one.claim.id).strip('-')[:NAME]}"
        script = directory / f"{stem}.sh"
        script.write_text(replay_script(home.resolve(), one), encoding="utf-8")
        script.chmod(0o755)
        written.append(script)
        if one.frames:
            frames = directory / f"{stem}.pcapng"
            frames.write_bytes(pcapng(one.frames, "\n".join(refutation_lines(one))))
            written.append(frames)
    return tuple(written)


def junit_of(trial: Trial) -> str:
    """The trial as JUnit's XML, under the home's name."""
    network = trial.checked.read.network
    return junit(network.name, trial.checked.intent.claims(), trial.result)
