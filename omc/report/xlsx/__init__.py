"""A workbook for spreadsheets (Office Open XML), by XlsxWriter in constant memory: rows leave as they come.

Row 1 of each tab is the header, frozen, with a filter; a tab without rows is there all the same. What guests and hosts
say is text whatever it begins with, and never a formula, a link or a number.
"""

from omc.report.xlsx.book import write

__all__ = ["write"]
