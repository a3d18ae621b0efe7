"""Loads in real groups."""
