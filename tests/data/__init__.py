"""Made-up files in the exact form of their makers."""
