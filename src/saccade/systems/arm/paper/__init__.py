"""The paper's Figures 6 and 7 from real runs: rows, how they are made, what is told of them."""
