"""Operations on an environment, here or on AWS: status, seed, clean, deploy, destroy."""
