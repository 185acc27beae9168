"""Sentiance: offloads over GraphQL, links that expire, and everything that can go wrong."""

READ_KEY = "sandbox.read-offloads"
URL_KEY = "sandbox.generate-links"
LINK_KEY = "sandbox.link-users"
DELETE_KEY = "sandbox.delete-users"

# What the sandbox stores where the stack looks for the provider's keys.
SECRET = {
    "read_key": READ_KEY,
    "url_key": URL_KEY,
    "user_link_key": LINK_KEY,
    "user_delete_key": DELETE_KEY,
}
