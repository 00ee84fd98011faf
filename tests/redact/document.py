# SPDX-License-Identifier: Apache-2.0
"""docs/redaction.md: the parts between <!-- begin NAME --> and <!-- end NAME --> are generated, from
lib/redact/entities/*.toml and from the report on the held-out half; and the floors."""
import math
import pathlib
import re
import tomllib

import kept
import report
import transforms
from corpus import build

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs/redaction.md"
FLOORS = ROOT / "tests/data/redact/floors.toml"
# No floor is higher than what was promised: one sentence in hundreds must not stop the build.
ENTITY_BAR, KEPT_BAR = 0.995, 0.99


def types():
    """The names of REDACT_TYPES, in their order."""
    text = (ROOT / "lib/redact/redact.h").read_text()
    return re.findall(r"X\(([A-Z_]+)\)", text[text.index("#define REDACT_TYPES"):text.index("enum redact_type {")])


def entities():
    """The tables of lib/redact/entities that describe a type, by its name."""
    all_tables = {}
    for path in sorted((ROOT / "lib/redact/entities").glob("*.toml")):
        all_tables.update(tomllib.loads(path.read_text()))
    return {name: all_tables[name] for name in types() if isinstance(all_tables.get(name), dict)}


def entity_table():
    lines = ["| Name | What | Countries | How it is written | What is checked | Masked |", "|---|---|---|---|---|---|"]
    for name, entity in entities().items():
        cells = [name, entity.get("title", ""), ", ".join(entity.get("countries", [])), entity.get("format", ""),
                 entity.get("check", ""), entity.get("masked", "")]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def held_out():
    return report.make(build.generated("held-out"))


def generated_parts(result=None):
    result = result or held_out()
    return {"entities": entity_table(), "report": report.table(result),
            "by hand": report.table(report.make(build.by_hand()))}


def with_parts(text, parts):
    for name, part in parts.items():
        mark = re.compile(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.S)
        if not mark.search(text):
            raise ValueError(f"docs/redaction.md has no place for {name}")
        text = mark.sub(lambda m: m[1] + "\n" + part + "\n" + m[2], text)  # noqa: B023
    return text


def write():
    DOCUMENT.write_text(with_parts(DOCUMENT.read_text(), generated_parts()))


def floors():
    return tomllib.loads(FLOORS.read_text()) if FLOORS.exists() else {}


def raise_floors():
    """Floors go up only; a floor that must come down is an edit that a reviewer sees."""
    old, result = floors(), held_out()
    lines = ["# The least that each entity must reach on the held-out half; the build fails below.",
             "# tools/redact-report --raise raises them, nothing lowers them but a person.", ""]
    down = lambda value: min(math.floor(value * 1000) / 1000, ENTITY_BAR)  # noqa: E731
    for kind in result.types():
        score, before = result.by[kind, "", ""], old.get(kind, {})
        if score.values:
            now = {"masked": down(score.recall()), "typed": down(score.typed_share()), "precision": down(score.precision())}
            lines += [f"[{kind}]", *(f"{name} = {max(value, min(before.get(name, 0.0), ENTITY_BAR)):.3f}" for name, value in now.items()), ""]
    kept_before = old.get("kept", {})
    lines += ["# What was found and is still found when it is written otherwise (tests/redact/transforms.py).", "[kept]"]
    lines += [f'"{name}" = {min(max(down(kept.kept(name)[0]), kept_before.get(name, 0.0)), KEPT_BAR):.3f}' for name in transforms.TRANSFORMS]
    FLOORS.write_text("\n".join(lines) + "\n")
