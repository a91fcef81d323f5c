"""The paper's Table 1 and Figures 5 and 6: the rows, how they are made, what is told of them."""
