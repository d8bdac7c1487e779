"""Would a guest run on another host: what stands in its way there, and what to type about it.

It reads what was collected of the two hosts, and asks none. Each area is a file with checks, functions over a `Move`:
they yield what is not as it must be, and nothing where all is well. What the facts cannot tell is said, never guessed.
It does not look at the line between the hosts, nor at what a hook or another manager does.
"""
