"""The paper's Table 1 and Figures 5 and 6 from real runs: rows, running them, telling of them."""
