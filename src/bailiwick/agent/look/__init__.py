"""How the device looks, how that differs from how it should, and whose each thing is."""
