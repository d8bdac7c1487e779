"""Templates: what a host's files and libvirt objects should be, compared with what they are, and put there.

The pair reads `templates/` (what) and `omc/templates/` (how). Rendering is pure; what a host is asked and told goes
through `omc.ports.Shell`, in one exec for a plan and one for an apply. Nothing here knows about SSH, the store or the
terminal: `omc.cli.template` puts them together. The way of a template:

- `catalogue.load(root)` gives a `Catalogue` of the shipped templates and the site's own; `.names`, `.get(name)`, and
  `.choose(names)`, which without names leaves shipped ones, and a site's copies of them, to the hosts that ask for
  them in `omc_templates`.
  `catalogue.read(root)` gives every mistake. A `Template` has `name`, `folder`, `origin`, `hides` and its `manifest`.
- `render.Worker(templates, world).needs()` gives `Needs(own, fleet)`: whose facts the templates read.
- `render.render(templates, hosts, World(site=…, facts=…, secret=…, extra=…), Limits())` gives one
  `fleet.Result[SiteHost, Desired]` a host, in their order; errors are `RenderError`s. It forks a process: call it, or
  make a `render.Worker` and keep it, before there are threads.
- `desired` says what one host should have; `plan` compares, `apply` carries out.
"""
