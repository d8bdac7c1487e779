"""The exporter's HTTP server: pages of targets, its own metrics, discovery; starlette on uvicorn.

`serve` runs it until a signal ends it. It makes no page itself (a PageMaker does), connects only to hosts of the site,
and holds every client to limits of size, time and number.
"""
