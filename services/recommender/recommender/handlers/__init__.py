"""The Lambda functions: they translate, and nothing else."""
