"""What is in Sentiance's offload files: made-up days of made-up people, in documented layouts."""
