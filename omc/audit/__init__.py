"""The audit: what is wrong with a fleet, why it matters, and what to type to mend it.

It reads facts that were collected before and asks no host. A rule is a function over the model (`omc.audit.rule`), one
file a family in `omc/audit/rules/`; rules of others come in through the entry point group `omc.rules`. A rule whose
facts were not collected says so and why: it is never "fine". Nothing here knows about the store or the terminal.
"""
