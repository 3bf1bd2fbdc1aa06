"""How laws are solved: each engine gives a law's transforms, its chart and its R and S."""
