"""What the library knows: titles on lists, and what a user says of his taste."""
