"""Labs: windows of their own for one question each."""
