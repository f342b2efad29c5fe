"""What stands on the stage: wires, machines, the provider, and the router from its rendered files."""
