"""What is wrong with a configuration: a family of findings in each file, each a function over one ``View``."""
