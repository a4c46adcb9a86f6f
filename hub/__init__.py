"""The hub: command line, settings, local stack, publish, status."""
