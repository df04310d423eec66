"""The consumer kit: contracts/python/ with the models of the present contracts, as a wheel.

python -m tools.contracts.kit dist
"""
