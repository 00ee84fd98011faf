# SPDX-License-Identifier: Apache-2.0
"""How much of what the scanner found is still found when it is written otherwise."""
import functools

import report
import transforms
from corpus import build


@functools.cache
def found_values():
    """(before, value, after, type, language) of every value of one-value sentences that is masked and typed."""
    sentences = [s for half in build.HALVES for s in build.generated(half, per_kind=4, negatives=0)
                 if len(s["spans"]) == 1 and s["style"] in ("sentence", "chat")]
    values = []
    for sentence, answer in zip(sentences, report.find([s["text"] for s in sentences]), strict=True):
        text, gold = sentence["text"].encode(), sentence["spans"][0]
        near = [f for f in answer["spans"] if report.overlaps(f, gold)]
        if report.is_masked(text, gold, near) and any(report.is_same(f["type"], gold["type"]) for f in near):
            values.append((text[:gold["start"]].decode(), text[gold["start"]:gold["end"]].decode(), text[gold["end"]:].decode(), gold["type"]))
    return values


def kept(name):
    """(share that is still masked, how many were tried, the lost ones as (type, text))."""
    changed = [(kind, new) for *parts, kind in found_values()
               if (new := transforms.TRANSFORMS[name](*parts, kind)) is not None]
    lost = []
    answers = report.find(["".join(new) for _, new in changed])
    for (kind, (before, value, after)), answer in zip(changed, answers, strict=True):
        text = (before + value + after).encode()
        gold = {"start": len(before.encode()), "end": len((before + value).encode())}
        if not report.is_masked(text, gold, answer["spans"]):
            lost.append((kind, before + value + after))
    return 1 - len(lost) / max(1, len(changed)), len(changed), lost
