"""One control group: what it is limited to, what it uses, and what it has felt. A room for each resource; `read` has all."""
