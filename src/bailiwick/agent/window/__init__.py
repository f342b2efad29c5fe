"""From the first change to the owner's word: what is decided, the timer, the boot, and what carries it out."""
