"""The nouns and the errors. Nothing here reads a file, a clock or a socket."""
