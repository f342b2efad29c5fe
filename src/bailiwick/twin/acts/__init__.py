"""What is tried beside single packets: one act a file, each gives checks. ``order`` says which, and when."""
