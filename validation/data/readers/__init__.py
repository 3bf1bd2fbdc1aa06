"""Readers of image data sets as they lie in a folder, without the packages that wrote them."""
