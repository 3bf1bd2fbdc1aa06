"""What every law offers, and what follows from it: nothing here knows how a law is solved."""
