"""Reference pages made from the code: each module renders one, as Markdown."""
