# SPDX-License-Identifier: Apache-2.0
"""Other ways to write the same: each takes (before, value, after, kind) and gives them back changed, or
None where it does not apply.  What was found before must be found after."""
import base64
import json
import urllib.parse

from corpus import build

HYPHENS = "\u2010\u2011\u2012\u2013\u2014\u2015"


def upper(before, value, after, kind):
    return (before.upper(), value.upper(), after.upper()) if kind in build.CASE_FREE and "ß" not in value else None


def lower(before, value, after, kind):
    return (before.lower(), value.lower(), after.lower()) if kind in build.CASE_FREE else None


def full_width(before, value, after, kind):
    return before, "".join(chr(ord(c) + 0xfee0) if "!" <= c <= "~" else c for c in value), after


def mathematical_digits(before, value, after, kind):
    changed = "".join(chr(0x1d7ce + int(c)) if c in "0123456789" else c for c in value)
    return (before, changed, after) if changed != value else None


def spaces_become(space):
    def change(before, value, after, kind):
        changed = before.replace(" ", space), value.replace(" ", space), after
        return changed if changed != (before, value, after) else None
    return change


def zero_width_everywhere(before, value, after, kind):
    return before, "\u200b".join(value), after


def zero_width_at(part):
    def change(before, value, after, kind):
        at = max(1, int(len(value) * part))
        return before, value[:at] + "\u200d" + value[at:], after
    return change


def soft_hyphen(before, value, after, kind):
    return before, value[:len(value) // 2] + "\u00ad" + value[len(value) // 2:], after


def hyphens_become(hyphen):
    def change(before, value, after, kind):
        # In a token or a UUID a hyphen is a letter of its alphabet, which nobody's editor changes.
        return (before, value.replace("-", hyphen), after) if "-" in value and kind not in ("SECRET", "EMAIL") else None
    return change


def line_break_at_a_separator(before, value, after, kind):
    if kind in ("SECRET", "EMAIL", "GEO", "MAC", "IP"):
        return None
    at = next((i for i, c in enumerate(value) if c == " " and 0 < i), None)
    return (before, value[:at] + "\n" + value[at + 1:], after) if at else None


def json_piece(text):
    return json.dumps(text, ensure_ascii=False)[1:-1]


def in_json(before, value, after, kind):
    return '{"text": "first line\\n' + json_piece(before), json_piece(value), json_piece(after) + '"}'


def json_escapes(before, value, after, kind):
    escaped = "".join(f"\\u{ord(c):04x}" if ord(c) < 0x10000 else c for c in value)
    return '{"text": "' + json_piece(before), escaped, json_piece(after) + '"}'


def double_json(before, value, after, kind):
    pieces = [json_piece(json_piece(piece)) for piece in (before, value, after)]
    return '{"arguments": "{\\"text\\": \\"' + pieces[0], pieces[1], pieces[2] + '\\"}"}'


def in_base64(before, value, after, kind):
    return "data: ", base64.b64encode((before + value + after).encode()).decode(), " end"


def percent(before, value, after, kind):
    pieces = [urllib.parse.quote(piece, safe="") for piece in (before, value, after)]
    return "https://shop.example/form?q=" + pieces[0], pieces[1], pieces[2]


def table(before, value, after, kind):
    return ("| " + before.strip().replace("\n", " ") + " | ", value, " |\n") if "\n" not in value else None


def code_fence(before, value, after, kind):
    return "```\n" + before, value, after + "\n```\n"


def around(left, right):
    return lambda before, value, after, kind: (before + left, value, right + after)


def html_entities(before, value, after, kind):
    return before, "".join(f"&#{ord(c)};" if not c.isalnum() else c for c in value), after


def html_entities_everywhere(before, value, after, kind):
    return before, "".join(f"&#x{ord(c):x};" for c in value), after


TRANSFORMS = {
    "upper case": upper, "lower case": lower, "full width": full_width, "mathematical digits": mathematical_digits,
    "no-break space": spaces_become("\u00a0"), "thin space": spaces_become("\u2009"), "narrow no-break space": spaces_become("\u202f"),
    "zero width everywhere": zero_width_everywhere, "zero width near the start": zero_width_at(0), "zero width in the middle": zero_width_at(0.5),
    "zero width near the end": zero_width_at(0.95), "soft hyphen": soft_hyphen,
    **{f"hyphen U+{ord(h):04X}": hyphens_become(h) for h in HYPHENS},
    "line break at a separator": line_break_at_a_separator, "JSON": in_json, "JSON escapes": json_escapes, "double JSON": double_json,
    "base64": in_base64, "percent": percent, "table": table, "code fence": code_fence, "bold": around("**", "**"),
    "code": around("`", "`"), "straight quotes": around('"', '"'), "single quotes": around("'", "'"),
    "curly quotes": around("\u201c", "\u201d"), "angle quotes": around("\u00ab", "\u00bb"), "angle brackets": around("<", ">"),
    "HTML entities for signs": html_entities, "HTML entities everywhere": html_entities_everywhere,
}
