#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns sql/queries/<lib>/*.sql into one C header: SQL_<FILE_NAME> for each file.

usage: embed-sql.py OUTPUT FOLDER
A file holds one statement under `--` comments (name, each $n, columns, role); comments are dropped.
"""
import pathlib
import re
import sys


def c_string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '\n\t"' + escaped.replace("\n", '\\n"\n\t"') + '"'


def statement(path: pathlib.Path) -> str:
    lines = [line.rstrip() for line in path.read_text().splitlines()]
    body = "\n".join(line for line in lines if line and not line.lstrip().startswith("--"))
    if ";" in re.sub(r"'[^']*'", "", body.rstrip(";")):
        sys.exit(f"{path}: more than one statement")
    return body.rstrip(";")


def main() -> None:
    output, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    out = ["/* Made by tools/embed-sql.py; do not edit. */", "#pragma once", ""]
    for path in sorted(folder.rglob("*.sql")):
        out.append(f"#define SQL_{path.stem.upper()} \\".rstrip(" \\") +
                   c_string(statement(path)).replace("\n", " \\\n"))
    output.write_text("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
