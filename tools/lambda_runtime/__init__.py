"""Runs what `sam build` made as AWS does, without Docker.

The runtime interface emulator comes with the SAM CLI, the runtime's client is awslambdaric. The
interpreter is the bare one, without the virtual environment: of our packages there are only those
in the built layers; boto3 stands beside them, as it does in Lambda's own runtime.
"""
