"""Patches the AWS emulator from within its process, before it starts.

Each module changes one subject and says in its first lines where the emulator differs from AWS.
"""

from tools.local.patches import accounts, resources, runtime, user_pool

SUBJECTS = (resources, accounts, runtime, user_pool)


def apply_patches(port: int) -> None:
    """Change the emulator's modules before they are used; `port` is the one it listens on."""
    for subject in SUBJECTS:
        subject.apply(port)
