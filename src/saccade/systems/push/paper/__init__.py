"""The papers' tables: which rows there are, running them, and writing them up."""
