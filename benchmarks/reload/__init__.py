"""What a reload loses and lets through, beside other ways to load a firewall."""
