"""Providers as they look from outside: real HTTP servers on loopback, with made-up people."""
