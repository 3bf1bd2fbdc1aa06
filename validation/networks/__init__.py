"""Networks for images, and their training: many in one stack, or one a process."""
