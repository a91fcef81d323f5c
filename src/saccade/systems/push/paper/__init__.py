"""The papers' tables: the rows, how they are made, what is told of them."""
