"""The documentation as a site, made of the pages where they are."""
