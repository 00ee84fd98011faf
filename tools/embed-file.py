#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns text files into one C header: TEXT_<FILE_NAME> for each.

usage: embed-file.py OUTPUT FILE…
"""
import pathlib
import re
import sys


def c_string(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return "".join(f' \\\n\t"{line}\\n"' for line in escaped.splitlines())


def main() -> None:
    out = ["/* Made by tools/embed-file.py; do not edit. */", "#pragma once", ""]
    for name in sys.argv[2:]:
        path = pathlib.Path(name)
        macro = re.sub(r"[^A-Z0-9]", "_", path.name.upper().removesuffix(".IN"))
        out.append(f"#define TEXT_{macro}" + c_string(path.read_text()))
    pathlib.Path(sys.argv[1]).write_text("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
