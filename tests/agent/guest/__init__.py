"""Apply in a virtual machine: Debian's kernel and systemd, tagged zones, an owner at a station, over ssh."""
