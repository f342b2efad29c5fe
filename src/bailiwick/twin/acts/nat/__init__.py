"""How the router's translation behaves, as RFC 4787 (UDP), RFC 5382 (TCP) and RFC 5508 (ICMP) ask, and its routing."""
