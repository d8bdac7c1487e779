"""Reports of a whole fleet in one file, for people who do not sit at the terminal: a workbook, a page.

`source` is what every report is made from: hosts one at a time as the store has them, findings as plain rows, and
what holds for all of it. `tabs/` has the rows of a workbook, one tab a file; `xlsx/` writes them. Nothing here reads a
store, checks a rule or prints: `omc.cli.report` does.
"""
