"""Values and JSON: the only user of cattrs.

- `structure`: arguments of a tool call → the command; `input_schema` publishes what it accepts;
- `check`: the same for a command that was built in Python;
- `unstructure`: an answer → JSON; `output_schema` publishes that; `structure_answer` reads a kept one back;
- `size_of`: how large an answer is as JSON, without writing it;
- `read_line`: a line of a dump → what it says;
- `canonical`, `digest`: JSON values as text that is the same exactly if they are.

`forms` and `arguments` say once what each type is: how it is read, and its JSON Schema; `answers` how one is
written. Functions for a class are generated when the class is first met, from its `fields`. `lines` reads
dumps, and `faults` says what does not fit.

Not here: JSON text, the names of tools, and how errors become answers (`worklattice.tools`).
"""

from worklattice.codec.answers import output_schema, size_of, structure_answer, unstructure
from worklattice.codec.arguments import check, input_schema, structure
from worklattice.codec.canonical import canonical, digest
from worklattice.codec.faults import ENVELOPE, FAULTS_LIMIT, error_of
from worklattice.codec.lines import KINDS, read_line

__all__ = [
    "ENVELOPE",
    "FAULTS_LIMIT",
    "KINDS",
    "canonical",
    "check",
    "digest",
    "error_of",
    "input_schema",
    "output_schema",
    "read_line",
    "size_of",
    "structure",
    "structure_answer",
    "unstructure",
]
