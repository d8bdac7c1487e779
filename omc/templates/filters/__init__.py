"""The filters and tests of templates: plain functions, named as Ansible names them where they do the same.

`registry` lists them; each function's docstring is its entry in the reference. No filter reads a file, asks a network,
knows the time or draws a random number: the same values give the same text.
"""
