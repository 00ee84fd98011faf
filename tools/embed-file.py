#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns text files (ASCII) into one C header: an array TEXT_<FILE_NAME> for each, no NUL behind.

usage: embed-file.py OUTPUT FILE…
"""
import pathlib
import re
import sys


def c_bytes(data: bytes) -> str:
    rows = (data[i:i + 16] for i in range(0, len(data), 16))
    return "".join("\t" + ", ".join(str(b) for b in row) + ",\n" for row in rows)


def main() -> None:
    out = ["/* Made by tools/embed-file.py; do not edit. */", "#pragma once", ""]
    for name in sys.argv[2:]:
        path = pathlib.Path(name)
        variable = re.sub(r"[^A-Z0-9]", "_", path.name.upper().removesuffix(".IN"))
        out.append(f"static const char TEXT_{variable}[] = {{\n{c_bytes(path.read_bytes())}}};")
    pathlib.Path(sys.argv[1]).write_text("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
