"""The Mojo in a page compiles, runs, and prints what the page says.

A block with a `main` is a program. All other blocks, in the order of the page, are the functions of one more program, with
their imports before them. What stands behind `# prints ` in a block must be its output, line by line; a block without any
must only run. Programs run in an empty folder with a file data.bin.

usage: page.py MOJO LIBRARY PAGE LEAST [-I DIR …]    LEAST: how many blocks there must be
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile


def run(mojo, library, arguments, source, folder):
    program = pathlib.Path(folder, "page_program.mojo")
    program.write_text(source, encoding="utf-8")
    environment = dict(os.environ, STDBIND_LIBRARY=library)
    command = [mojo, "run", *arguments, str(program)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, cwd=folder, env=environment)
    return done.stdout.splitlines(), done.stderr if done.returncode != 0 else ""


def one_program(blocks):
    imports = set()
    functions = []
    for number, block in enumerate(blocks):
        lines = block.splitlines()
        imports.update(line for line in lines if line.startswith("from "))
        body = "".join(f"    {line}\n" for line in lines if not line.startswith("from "))
        functions.append(f"def block_{number}() raises:\n{body}\n")
    calls = "".join(f"    block_{number}()\n" for number in range(len(blocks)))
    return "\n".join(sorted(imports)) + "\n\n" + "".join(functions) + f"def main() raises:\n{calls}"


def promised(block):
    return re.findall(r"# prints (.*)$", block, flags=re.MULTILINE)


def main(mojo, library, page, least, *arguments):
    blocks = re.findall(r"^```mojo\n(.*?)^```$", pathlib.Path(page).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    if len(blocks) < int(least):
        return [f"{page}: {len(blocks)} blocks of Mojo, at least {least} were expected"]
    programs = [block for block in blocks if "def main(" in block]
    others = [block for block in blocks if "def main(" not in block]
    jobs = [(block, promised(block)) for block in programs]
    jobs.append((one_program(others), [line for block in others for line in promised(block)]))
    failures = []
    for source, expected in jobs:
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "data.bin").write_bytes(bytes(range(256)))
            printed, error = run(mojo, library, arguments, source, folder)
        if error:
            failures.append(f"{page}: this does not run:\n{source}\n{error}")
        elif expected and not is_promised(printed, expected):
            failures.append(f"{page}: this prints\n{printed}\ninstead of\n{expected}\n{source}")
    return failures


def is_promised(printed, expected):
    """Whether the lines come in this order. Others between them are those whose text the page leaves open."""
    rest = iter(printed)
    return all(line in rest for line in expected)


if __name__ == "__main__":
    problems = main(*sys.argv[1:])
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)
