"""Mail to staff: the digest for those who read it there."""
