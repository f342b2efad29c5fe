"""What goes wrong around the router, and what becomes of the packets meanwhile."""
