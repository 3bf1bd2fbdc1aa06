"""Operations on the laws of free variables: sums, products, corners, commutators."""
