"""ARM: manipulation from few demonstrations, by looking first (James and Davison 2021)."""
