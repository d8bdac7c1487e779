"""Alembic revisions of the store's tables; `omc.inventory.store.upgrade` runs them. The views are made anew after each."""
