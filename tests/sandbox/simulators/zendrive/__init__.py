"""Zendrive: claims' details on request, collisions, trips, notifications, and what goes wrong."""

# What the sandbox stores where the stack looks for the provider's keys.
SECRET = {"api_key": "sandbox.zendrive-api-key"}
