#!/usr/bin/env python3
"""Copies the sources of the core with all mutants of a list in them: generate.py LIST SOURCES OUT.

Each place that a mutant changes becomes a choice between its text and the original one, made while the program runs.
A list that no longer fits the sources is an error, never a mutant that does nothing.
"""

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path


class Wrong(Exception):
    """Something in the list is not as it should be."""


@dataclass
class Patch:
    place: str
    file: str
    within: str = ""
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)


@dataclass
class Mutant:
    name: str
    place: str
    breaks: str = ""
    areas: str = ""
    patches: list[Patch] = field(default_factory=list)


@dataclass
class Span:
    """A place in a source, with the texts that take its place."""

    begin: int
    end: int
    choices: list[tuple[str, str]]


def read_list(path: Path) -> list[Mutant]:
    mutants: list[Mutant] = []
    for number, raw in enumerate(path.read_text().splitlines(), 1):
        line, place = raw.strip(), f"{path}:{number}"
        if not line or line.startswith("#"):
            continue
        word, _, rest = line.partition(" ")
        rest = rest.strip()
        if word == "mutant":
            if not re.fullmatch(r"[a-z0-9-]+", rest) or any(one.name == rest for one in mutants):
                raise Wrong(f"{place}: a mutant needs a name of its own, of a-z, 0-9 and -")
            mutants.append(Mutant(rest, place))
            continue
        if not mutants:
            raise Wrong(f"{place}: `{word}` stands before the first mutant")
        mutant = mutants[-1]
        if word in ("breaks", "areas") and rest:
            setattr(mutant, word, rest)
        elif word == "file" and rest:
            mutant.patches.append(Patch(place, rest))
        elif word == "in" and rest and mutant.patches and not mutant.patches[-1].before:
            mutant.patches[-1].within = rest
        elif word in ("-", "+") and mutant.patches:
            (mutant.patches[-1].before if word == "-" else mutant.patches[-1].after).append(rest)
        else:
            raise Wrong(f"{place}: expected mutant, breaks, areas, file, in, - or +, in this order and each with its text")
    for mutant in mutants:
        if not mutant.breaks or not mutant.areas or not mutant.patches:
            raise Wrong(f"{mutant.place}: {mutant.name} needs the lines breaks, areas and file")
        for patch in mutant.patches:
            if not patch.before or not patch.after:
                raise Wrong(f"{patch.place}: file needs a line with - and one with + behind it")
    return mutants


def places_of(text: str, source: str) -> list[tuple[int, int]]:
    pattern = r"\s+".join(re.escape(word) for word in text.split())
    return [found.span() for found in re.finditer(pattern, source)]


def find(patch: Patch, source: str) -> tuple[int, int]:
    before = " ".join(patch.before)
    found = places_of(before, source)
    if patch.within:
        around = places_of(patch.within, source)
        if len(around) != 1:
            raise Wrong(f"{patch.place}: `{patch.within}` stands {len(around)} times in {patch.file}, not once")
        found = [span for span in found if span[0] >= around[0][1]][:1]
    if len(found) != 1:
        raise Wrong(f"{patch.place}: this text stands {len(found)} times in {patch.file}, not once: `{before}`\n"
                    "  The source was changed: change the mutant with it, so that it still makes the same mistake.")
    return found[0]


def choose(mutant: str, after: str, before: str, statement: bool) -> str:
    if statement:
        return f'if (stdbind_mutant_is("{mutant}")) {{ {after} }} else {{ {before} }}'
    return f'(stdbind_mutant_is("{mutant}") ? ({after}) : ({before}))'


def apply(source: str, offset: int, spans: list[Span], place: str) -> str:
    """The source, which begins at an offset of its file, with all spans in it; spans may lie in each other."""
    text, at = "", offset
    while spans:
        outer, inside, rest = spans[0], [], []
        for span in spans[1:]:
            if span.begin >= outer.end:
                rest.append(span)
            elif span.end <= outer.end:
                inside.append(span)
            else:
                raise Wrong(f"{place}: the texts of {outer.choices[0][0]} and {span.choices[0][0]} overlap")
        original = source[outer.begin - offset : outer.end - offset]
        statement = original.endswith((";", "}"))
        changed = apply(original, outer.begin, inside, place)
        for mutant, after in outer.choices:
            changed = choose(mutant, after, changed, statement)
        text += source[at - offset : outer.begin - offset] + changed
        at, spans = outer.end, rest
    return text + source[at - offset :]


def mutate(path: Path, patches: list[tuple[str, Patch]]) -> str:
    source = path.read_text()
    spans: dict[tuple[int, int], Span] = {}
    for mutant, patch in patches:
        begin, end = find(patch, source)
        spans.setdefault((begin, end), Span(begin, end, [])).choices.append((mutant, " ".join(patch.after).strip()))
    ordered = sorted(spans.values(), key=lambda span: (span.begin, -span.end))
    return f'#include "mutant.hpp"\n#line 1 "{path}"\n' + apply(source, 0, ordered, str(path))


def main() -> None:
    list_file, sources, out = (Path(word) for word in sys.argv[1:])
    patches: dict[str, list[tuple[str, Patch]]] = {}
    for mutant in read_list(list_file):
        for patch in mutant.patches:
            patches.setdefault(patch.file, []).append((mutant.name, patch))
    for file in patches:
        if not (sources / file).is_file():
            raise Wrong(f"{patches[file][0][1].place}: there is no file {sources / file}")
    for path in sorted(sources.rglob("*.[ch]pp")):
        name = str(path.relative_to(sources))
        text = mutate(path, patches[name]) if name in patches else path.read_text()
        target = out / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.is_file() or target.read_text() != text:  # what did not change is not compiled again
            target.write_text(text)


if __name__ == "__main__":
    try:
        main()
    except Wrong as error:
        sys.exit(f"mutants: {error}")
