"""Training on Apache Spark."""
