"""Power cuts: a virtual machine with a disk is killed while it applies, and boots again from what the disk has."""
