"""What runs on the device: generations on its disk, the switch from one to another, and the timer that takes it back.

It is pushed there as one file and asks for Python's standard library alone: this package, ``dataplane`` and ``packets``
are all it is made of. It decides nothing about the network; it makes the device be what a generation says.
"""
