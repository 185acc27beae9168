"""What a month costs, by how much there is to do."""
