"""Where a trial takes place: each module takes a script and gives back what was seen."""
