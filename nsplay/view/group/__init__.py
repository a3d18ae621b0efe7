"""What the views of groups say of one group: a room for each resource, as in nsplay.kernel.group."""
