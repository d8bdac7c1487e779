"""One page for people who decide: totals, what is wrong, what is left, and what stands behind it. One file, no network.

What is on the page is worked out in Python (`summary`, `steps`, `topology`, `tables`); `page.html.j2` says where it
stands, `page.css` how it looks on a screen, in the dark and on paper, and `page.js` sorts and filters the tables. The
page needs no script to be read, and its own Content-Security-Policy lets nothing in but these two by their hashes.
Whatever guests and hosts say is text: Jinja2 escapes it, and `omc.text.safe` takes out what turns the direction of
writing or ends a line.
"""

from omc.report.html.page import Wishes, write

__all__ = ["Wishes", "write"]
