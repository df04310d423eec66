"""The whole product in one process, over simulated services of AWS, under one seeded clock."""
