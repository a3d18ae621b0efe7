"""The course as a book."""
