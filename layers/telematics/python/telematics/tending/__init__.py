"""The lake kept tidy: few files a day, sorted by person, and a past that ends."""
