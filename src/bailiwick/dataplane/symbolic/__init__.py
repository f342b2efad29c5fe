"""What a device's rules do to every packet at once: chains, translations and routes as sets of headers."""
