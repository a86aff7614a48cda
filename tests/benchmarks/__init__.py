"""How fast, and in how much memory: measured on demand (`make bench`), not in the tests."""
