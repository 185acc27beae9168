"""Details of collisions on request: claimed, asked for, waited for, and told of."""
