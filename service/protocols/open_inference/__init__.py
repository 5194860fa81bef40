"""`POST /v2/models/.../infer`: the Open Inference Protocol, with two of Triton's extensions.

The protocol: https://github.com/kserve/open-inference-protocol. Binary tensor data and classification:
https://github.com/triton-inference-server/server, docs/protocol. Errors are worded as Triton's.
"""
