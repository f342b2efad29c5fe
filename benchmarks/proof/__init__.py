"""How long it takes to prove what was rendered, and to look through a firewall that somebody else wrote."""
