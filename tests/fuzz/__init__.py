"""Generated documents against a real server: whatever is asked, the answer is one of the schema's.

`make fuzz` runs ten thousand of them on a process of its own; `make test` runs some hundred.
"""
