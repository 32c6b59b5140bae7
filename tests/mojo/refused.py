"""Compiles a program that must be refused.

Every line with a comment `# refused: TEXT` must get an error at that line, with that text in it or in
its notes; no other line may. The program without the marked lines must compile: so each of them is refused for
itself.
"""

import pathlib
import re
import subprocess
import sys
import tempfile


def compile_program(mojo, source, packages, folder):
    program = pathlib.Path(folder, "program.mojo")
    program.write_text(source, encoding="utf-8")
    command = [mojo, "build", *packages, str(program), "-o", str(pathlib.Path(folder, "program"))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    # Each error with the notes that follow it.
    errors = re.split(r"^.*?program\.mojo:(\d+):\d+: error: ", done.stderr, flags=re.MULTILINE)[1:]
    return done, [(int(line), text) for line, text in zip(errors[::2], errors[1::2])]


def main(mojo, file, *packages):
    source = pathlib.Path(file).read_text(encoding="utf-8")
    lines = source.splitlines()
    expected = {n: line.split("# refused: ")[1] for n, line in enumerate(lines, 1) if "# refused: " in line}
    if not expected:
        return [f"{file}: no line is marked with `# refused: TEXT`"]
    failures = []
    with tempfile.TemporaryDirectory() as folder:
        done, errors = compile_program(mojo, source, packages, folder)
        for line, text in expected.items():
            found = [error for number, error in errors if number == line]
            if not any(text in error for error in found):
                failures.append(f"{file}:{line}: expected an error with `{text}`, got {found or 'none'}")
        for line, error in errors:
            if line not in expected:
                failures.append(f"{file}:{line}: unexpected error: {error}")
        rest = "".join(line + "\n" for line in lines if "# refused: " not in line)
        done, errors = compile_program(mojo, rest, packages, folder)
        if done.returncode != 0:
            failures.append(f"{file}: does not compile without the marked lines:\n{done.stderr}")
    return failures


if __name__ == "__main__":
    problems = main(*sys.argv[1:])
    for problem in problems:
        print(problem)
    sys.exit(1 if problems else 0)
