"""Recordings of the terminal, as asciinema has them, and pictures of them."""
