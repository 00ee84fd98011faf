#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns sql/migrations/NNNN_name.sql into a C table of { number, name, SHA-256, text }.

usage: embed-migrations.py OUTPUT FILE…
"""
import hashlib
import pathlib
import re
import sys


def main() -> None:
    rows, arrays = [], []
    for expected, path in enumerate(sorted(map(pathlib.Path, sys.argv[2:])), start=1):
        match = re.fullmatch(r"(\d{4})_([a-z0-9_]+)\.sql", path.name)
        if not match or int(match[1]) != expected:
            sys.exit(f"{path}: migrations are numbered 0001, 0002, … without a gap")
        text = path.read_bytes()
        values = ",".join(str(byte if byte < 128 else byte - 256) for byte in text) + ",0"
        arrays.append(f"static const char migration_{match[1]}[] = {{{values}}};")
        rows.append(f'\t{{ {int(match[1])}, "{match[2]}", "{hashlib.sha256(text).hexdigest()}", migration_{match[1]} }},')
    pathlib.Path(sys.argv[1]).write_text(
        "/* Made by tools/embed-migrations.py; do not edit. */\n" + "\n".join(arrays)
        + "\n\nstatic const struct migration migrations[] = {\n" + "\n".join(rows) + "\n};\n")


if __name__ == "__main__":
    main()
