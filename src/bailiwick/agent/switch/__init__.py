"""From whatever state the device is in to a generation: files, settings, rules, links, services."""
