"""How the database came to be: one revision after another. A migration only adds; what is no longer read goes a release later."""
