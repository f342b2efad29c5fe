"""Whether what runs is what was rendered: each file's lines, read back from the kernel."""
