"""A hundred networks for images, and what few of them say of all."""
