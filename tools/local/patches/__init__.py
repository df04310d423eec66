"""Patches the AWS emulator from within its process, before it starts.

Each module changes one subject and says in its first lines where the emulator differs from AWS.
`SUBJECTS` make it do what it lacks. `STRICT` make it as unkind as AWS can be: what works only
because an emulator forgives it fails here, too.
"""

from tools.local.patches import (
    accounts,
    addresses,
    bus_policies,
    cold_triggers,
    gateway,
    log_groups,
    mail,
    polls,
    read_once,
    resources,
    runtime,
    saving,
    user_pool,
    workers,
)

SUBJECTS = (
    resources,
    accounts,
    runtime,
    read_once,
    saving,
    user_pool,
    addresses,
    mail,
    workers,
    gateway,
)
STRICT = (polls, bus_policies, log_groups, cold_triggers)


def apply_patches(port: int, *, strict: bool = False) -> None:
    """Change the emulator's modules before they are used; `port` is the one it listens on."""
    for subject in SUBJECTS + (STRICT if strict else ()):
        subject.apply(port)
