"""Configurations as they are written, read the way the device reads them, and what they do to a packet."""
