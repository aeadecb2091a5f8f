"""What a desktop application has beside its views."""
