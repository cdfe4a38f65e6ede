"""What modules read of the host."""
