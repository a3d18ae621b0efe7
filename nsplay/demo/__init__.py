"""`nsplay demo`: a lesson that types itself in front of a room, and the presenter's hand on it."""
