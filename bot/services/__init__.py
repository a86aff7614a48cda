"""The use cases. A service changes state in the unit of work it is given and adds notices; it never sends."""
