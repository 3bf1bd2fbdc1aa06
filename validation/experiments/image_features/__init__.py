"""Ensembles of regressions on frozen convolutional features of images."""
