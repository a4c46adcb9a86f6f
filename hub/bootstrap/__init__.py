"""What must be there before anything of ours can run: system packages and Python environments.

Only the standard library is used here: it runs on the machine's own ``python3``.
"""
