"""From the owner's machine to the device: what will change is shown, pushed, switched to, probed and confirmed."""
