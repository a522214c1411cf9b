"""The process that asks LiteRT for its execution plan, for :mod:`edgevit.lint.partitions`: a script, not imported.

The list of operators is not public in LiteRT's Python interface; where it is gone, the file counts as not taken, and
the message says why.
"""

from __future__ import annotations

import sys

from ai_edge_litert.interpreter import Interpreter

REFUSED = 3
"""Exit status: the runtime does not take the file."""

_DELEGATE = "DELEGATE"
"""Name that the runtime gives to each piece that XNNPACK took over."""


def main(path: str) -> int:
    """Print the number of partitions and return the exit status."""
    try:
        interpreter = Interpreter(model_path=path, num_threads=1)
        interpreter.allocate_tensors()
        partitions = sum(detail["op_name"] == _DELEGATE for detail in interpreter._get_ops_details())
    except (AttributeError, RuntimeError, ValueError) as error:
        sys.stderr.write(str(error))
        return REFUSED
    sys.stdout.write(str(partitions))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
