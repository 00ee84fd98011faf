# SPDX-License-Identifier: Apache-2.0
"""What the documents point at is there."""
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
DOCUMENTS = [name for name in TRACKED if name.endswith(".md")]
FOLDERS = {str(folder) for name in TRACKED for folder in pathlib.PurePath(name).parents}


def text_of(name):
    return (ROOT / name).read_text()


def anchors(name):
    """As the hosts of repositories make them of headings."""
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")
            for heading in re.findall(r"^#+ (.*)$", text_of(name), re.M)}


def test_there_are_documents():
    assert {"README.md", "ARCHITECTURE.md", "docs/redaction.md"} <= set(DOCUMENTS)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_link_leads_somewhere(document):
    for target in re.findall(r"\]\(([^)\s]+)\)", text_of(document)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        found = (ROOT / document).parent / path if path else ROOT / document
        assert found.exists(), f"{document}: {target}"
        if anchor:
            assert anchor in anchors(found.relative_to(ROOT)), f"{document}: {target}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_is_named_is_there(document):
    """Paths in back quotes that begin with a folder of ours; made files and patterns are none."""
    for words in re.findall(r"`([^`\n]+)`", text_of(document)):
        for path in re.findall(r"(?<![\w./-])(?:docs|lib|src|sql|conf|tools|tests|fuzz|bench|web)/[\w./-]+", words):
            path = path.rstrip("./")
            if re.search(r"[<>*{}…]", words) or path.startswith(("web/build", "web/node_modules")) or path.isupper():
                continue
            assert path in TRACKED or path in FOLDERS or any(t.startswith(path) for t in TRACKED), f"{document}: {path}"


def test_every_verb_of_make_that_a_document_names_is_one():
    verbs = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.M))
    named = {(d, verb) for d in DOCUMENTS for verb in re.findall(r"(?:`|^    )make ([a-z-]+)", text_of(d), re.M)}
    assert len(named) > 5
    for document, verb in named:
        assert verb in verbs, f"{document}: make {verb}"


def test_every_setting_that_a_document_names_is_one():
    settings = set(re.findall(r"^\| `(\w+)` \|", text_of("docs/config.md"), re.M))
    assert "judge_base_url" in settings
    families = {name.split("_")[0] for name in settings}
    for document in DOCUMENTS:
        for name in re.findall(r"`([a-z]+_[a-z_]+)`(?: = | is set| \(setting)", text_of(document)):
            if name.split("_")[0] in families:
                assert name in settings, f"{document}: {name}"
