"""The paper's method: Q-attention looks, the next-best pose agent acts on the crop it chose."""
