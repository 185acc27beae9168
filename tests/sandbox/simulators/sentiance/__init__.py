"""Sentiance: offloads over GraphQL, links that expire, and everything that can go wrong."""

READ_KEY = "sandbox.read-offloads"
URL_KEY = "sandbox.generate-links"

# What the sandbox stores where the stack looks for the provider's keys.
SECRET = {"read_key": READ_KEY, "url_key": URL_KEY}
