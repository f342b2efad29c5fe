"""A stage of its own kernel: a virtual machine that boots Debian's kernel and this machine's own programs."""
