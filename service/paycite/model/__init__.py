"""The domain types and errors. Nothing here reads a file, a clock or a socket."""
