"""The events' contracts: schemas from models, examples, releases, and what must agree with them.

    python -m tools.contracts write      write the schemas that are not released, and AsyncAPI
    python -m tools.contracts check      fail, with every reason, unless everything agrees
    python -m tools.contracts release    freeze the schemas that are not released yet

The models in services/<service>/<service>/events/published.py are the source. What a release
promises is in contracts/README.md.
"""
