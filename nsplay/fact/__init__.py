"""What facts are, and those that have a module of their own; nsplay.facts has the list of all."""
