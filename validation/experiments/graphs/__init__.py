"""Networks with a layer of message passing on graphs whose nodes carry views of a class."""
