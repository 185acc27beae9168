"""Where Arrow has its memory from, in functions that use it.

From the C library, which every wheel has. Arrow's own choice, mimalloc, keeps what was freed: a
function that merges grew with each merge, and took 70 MB more.
"""

ENVIRONMENT = {"ARROW_DEFAULT_MEMORY_POOL": "system"}
