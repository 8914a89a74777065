"""Speed, measured against a peer in the same run; never part of a test."""
