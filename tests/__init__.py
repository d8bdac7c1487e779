"""The tests of omc."""
