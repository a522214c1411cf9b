"""How results reach the disk: digests, locks, and folders that appear whole or not at all. Standard library only."""
