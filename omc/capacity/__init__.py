"""How much there is, how much is promised, what still fits, what a lost host does, and when it is full.

Pure: documents of hosts and series of figures in, figures out; what they are read from and printed to is `omc.cli`'s.
Nothing here is a forecast of load: it counts what guests were given, not what they use.
"""
