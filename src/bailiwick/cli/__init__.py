"""The command line: reads arguments, calls ``workflow``, prints what ``report`` makes of it. Decides nothing."""
