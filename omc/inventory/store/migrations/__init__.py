"""Alembic revisions of the store's tables; `omc.inventory.store.upgrade` runs them, and then makes the views anew."""
