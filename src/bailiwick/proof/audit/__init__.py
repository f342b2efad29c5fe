"""The questions of a configuration that somebody else wrote: who reaches what, and what is wrong with it."""
