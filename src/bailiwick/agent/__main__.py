"""``python3 -m bailiwick.agent COMMAND``, and the program of the file that is pushed."""

from bailiwick.agent.main import main

raise SystemExit(main())
