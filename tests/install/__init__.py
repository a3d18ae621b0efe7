"""nsplay as a user installs it: Debian package, pipx, uv, container, and the recipes for a machine."""
