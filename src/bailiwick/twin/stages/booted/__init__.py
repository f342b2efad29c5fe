"""A stage on which systemd itself boots the router: a Debian root, the rendered files in it as they are installed."""
