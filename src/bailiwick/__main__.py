"""``python -m bailiwick``."""

from bailiwick.cli.main import main

main()
