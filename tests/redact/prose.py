# SPDX-License-Identifier: Apache-2.0
"""Text of others that every Debian machine with Perl and Python has: licences, manuals, the topics of
Python's help.  It holds e-mail addresses and names of authors, and next to nothing else."""
import pathlib
import re

import report

PIECE = 8000
SOURCES = ["/usr/share/common-licenses/*", "/usr/lib/python3*/pydoc_data/topics.py", "/usr/share/perl/*/pod/*.pod",
           "/usr/share/perl/*/**/*.pod", "/usr/share/perl5/**/*.pod", "/usr/lib/*/perl-base/**/*.pod"]
# What is right to find here: addresses of authors and of the Free Software Foundation, examples of addresses.
EXPECTED = {"EMAIL", "PERSON", "USERNAME"}
EXAMPLES = {"11.111.111.100"}
FOUNDATION = re.compile(r"51 Franklin|59 Temple|675 Mass|0211\d|02139")


def pieces():
    seen = set()
    for pattern in SOURCES:
        for path in sorted(pathlib.Path("/").glob(pattern.lstrip("/"))):
            if path.resolve() in seen or not path.is_file():
                continue
            seen.add(path.resolve())
            text = path.read_text(errors="replace")
            for at in range(0, len(text), PIECE):
                yield path, text[at:at + PIECE]


def findings():
    """(bytes of text, [(type, value, its surroundings, path)] of what should not have been found)."""
    texts, wrong = list(pieces()), []
    for (path, text), answer in zip(texts, report.find([text for _, text in texts]), strict=True):
        raw = text.encode()
        for span in answer["spans"]:
            value = raw[span["start"]:span["end"]].decode()
            near = raw[max(0, span["start"] - 40):span["end"] + 20].decode(errors="replace")
            if span["type"] not in EXPECTED and value not in EXAMPLES and not FOUNDATION.search(value):
                wrong.append((span["type"], value, near.replace("\n", " "), path.name))
    return sum(len(text.encode()) for _, text in texts), wrong
