"""A process that speaks as the agent does: each command's next answer from a script, and what it was asked into a log.

``python stub_agent.py DIRECTORY python3 -I PROGRAM COMMAND``, or what ssh would have been given in place of the words
after ``DIRECTORY``: the command is the last word of them all. ``DIRECTORY/script.json`` maps a command to a list of
``{"lines": [...], "status": 0, "errors": ""}``, of which the last one repeats. With a command's name in
``DIRECTORY/hang`` it says its lines and then nothing more.
"""

import json
import re
import sys
import time
from pathlib import Path


def main() -> None:
    directory, command = Path(sys.argv[1]), re.findall(r"\w+", sys.argv[-1])[-1]
    log = directory / "log.jsonl"
    given = sys.stdin.read()
    asked = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    with log.open("a") as file:
        file.write(json.dumps({"command": command, "given": given, "words": sys.argv[2:]}) + "\n")
    answers = json.loads((directory / "script.json").read_text()).get(command, [])
    if not answers:
        sys.exit(f"nothing is written for {command}")
    answer = answers[min(sum(one["command"] == command for one in asked), len(answers) - 1)]
    for line in answer.get("lines", ()):
        sys.stdout.write((line if isinstance(line, str) else json.dumps(line)) + "\n")
        sys.stdout.flush()
    sys.stderr.write(answer.get("errors", ""))
    hang = directory / "hang"
    if hang.exists() and hang.read_text() == command:
        time.sleep(60)
    sys.exit(answer.get("status", 0))


if __name__ == "__main__":
    main()
