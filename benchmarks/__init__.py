"""How fast it is and what it needs: each figure beside its limit, measured in the same run.

``python -m benchmarks.turns``, ``.connections``, ``.first_token``; ``--help`` says what each takes. Machines are shared
and noisy: hold ratios against each other, not seconds.
"""
