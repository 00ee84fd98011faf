# SPDX-License-Identifier: Apache-2.0
"""The program as a person types it, with no system running: help, complaints, man pages, completion."""
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("RENDFLY_BUILD", str(ROOT / "build")) + "/rendfly"
DOCUMENTS = [ROOT / "README.md", ROOT / "ARCHITECTURE.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def rendfly(*arguments, **options):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          timeout=60, **options)


def commands():
    """In the order of the help, and those under `rendfly audit` behind it."""
    listed = []
    for name in re.findall(r"^  ([a-z][a-z-]*) +\S", rendfly("--help").stdout, re.M):
        listed.append([name])
        if name == "audit":
            listed += [[name, child] for child in re.findall(r"^  ([a-z]+) +\S", rendfly(name, "--help").stdout, re.M)]
    return listed


COMMANDS = commands()
NAMES = [" ".join(c) for c in COMMANDS]


def options_of(command):
    return set(re.findall(r"^  (--[a-z-]+)", rendfly(*command, "--help").stdout, re.M))


def complaint(done):
    """The one line that says what is wrong; nothing else may be printed."""
    assert done.returncode == 2 and done.stdout == "", done
    assert done.stderr.count("\n") == 1 and done.stderr.startswith("rendfly"), done.stderr
    return done.stderr


def test_there_are_commands():
    assert len(COMMANDS) > 12 and ["audit", "verify"] in COMMANDS


@pytest.mark.parametrize("command", COMMANDS, ids=NAMES)
def test_help_fits_a_terminal_and_tells_every_form(command):
    done = rendfly(*command, "--help")
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.startswith(f"usage: rendfly {' '.join(command)}")
    body = [line for line in done.stdout.splitlines() if "rendfly " + command[0] not in line]
    assert max(map(len, body)) <= 80, max(body, key=len)


@pytest.mark.parametrize("command", COMMANDS, ids=NAMES)
def test_an_option_that_is_none_is_named_and_nothing_is_done(command):
    assert "--bogus" in complaint(rendfly(*command, "--bogus"))


@pytest.mark.parametrize("command", COMMANDS, ids=NAMES)
def test_a_word_too_many_is_named_and_nothing_is_done(command):
    text = complaint(rendfly(*command, "too-much", "too-many", "at-all"))
    assert re.search(r"too-much|too-many|at-all", text)


@pytest.mark.parametrize("arguments, told", [
    (["statsu"], "do you mean status?"),
    (["xyzzy"], "there is no command xyzzy ("),
    (["status", "--dri", "x"], "do you mean --dir?"),
    (["status", "--dir"], "--dir wants a value: --dir DIR"),
    (["prove", "--dir", "--json"], "--dir wants a value"),
    (["prove", "--json=yes"], "--json takes no value"),
    (["keys"], "which command?"),
    (["keys", "rotat"], "do you mean rotate?"),
    (["keys", "rotate"], "WORKSPACE is wanted"),
    (["keys", "retire", "01940000-0000-7000-8000-000000000000"], "WORKSPACE KEY is wanted"),
    (["keys", "rotate", "mine"], "mine is no id"),
    (["audit", "vrify"], "only export and verify"),
    (["audit", "verify"], "FILE is wanted"),
    (["audit", "verify", "x"], "--key FILE is wanted"),
    (["audit", "export", "--workspace", "mine"], "--workspace wants an id"),
    (["judge", "check", "--rules", "x"], "--conversation FILE is wanted"),
    (["judge", "parse", "--rules", "x", "--conversation", "y", "--nonce", "12"], "--nonce wants 32 hexadecimal digits"),
    (["replay", "--data", "x"], "--base-url URL is wanted"),
    (["replay", "--data", "x", "--base-url", "x", "--key", "k", "--concurrency", "0"], "a number from 1 to 64"),
    (["sample-provider", "--port", "1"], "are wanted"),
    (["man", "page", "ls"], "there is no page ls"),
])
def test_a_wrong_argument_is_told_with_what_to_write_instead(arguments, told):
    assert told in complaint(rendfly(*arguments))


def test_an_option_may_hold_its_value_behind_an_equals_sign(tmp_path):
    (tmp_path / "rendfly.conf").write_text("listen_port = 9000\n")
    assert "listen_port = 9000\n" in rendfly("config", f"--dir={tmp_path}").stdout


@pytest.mark.parametrize("command", ["status", "prove", "migrate", "audit export", "config", "supervisor"])
def test_a_folder_that_is_not_there_is_told_with_how_to_make_one(command):
    done = rendfly(*command.split(), "--dir", "/nonexistent")
    assert done.returncode in (1, 2) and done.stdout == ""
    assert "there is no data folder /nonexistent" in done.stderr and "make run" in done.stderr


@pytest.mark.parametrize("command", ["status", "prove", "migrate", "audit export"])
def test_a_system_that_does_not_run_is_told_with_how_to_start_it(command, tmp_path):
    (tmp_path / "rendfly.conf").touch()
    done = rendfly(*command.split(), "--dir", str(tmp_path))
    assert done.returncode in (1, 2) and done.stdout == ""
    assert re.search(r"nothing runs on|PostgreSQL does not run", done.stderr) and "make run" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="takes a second user")
@pytest.mark.parametrize("command", ["status", "prove", "migrate", "audit export", "keys list"])
def test_a_user_who_may_not_is_told_whom_to_be(command, tmp_path):
    tmp_path.chmod(0o755)
    for folder in tmp_path.parents:
        if folder.stat().st_uid == 0 and not folder.stat().st_mode & 0o001:
            folder.chmod(folder.stat().st_mode | 0o011)
    done = rendfly(*command.split(), "--dir", str(tmp_path), user="nobody")
    assert done.returncode in (1, 2) and done.stdout == ""
    assert f"belongs to root: run this as that user, `sudo rendfly" in done.stderr


def test_the_version_is_told_both_ways():
    assert rendfly("--version").stdout == rendfly("version").stdout != ""


def test_each_page_of_the_manual_is_whole():
    """Every option stands on the page, and the formatter has nothing to complain of."""
    pages = rendfly("man", "list").stdout.split()
    assert pages[0] == "rendfly" and len(pages) == len(COMMANDS) + 1
    for page, command in zip(pages[1:], COMMANDS, strict=True):
        assert page == "rendfly-" + "-".join(command)
        text = rendfly("man", "page", page).stdout
        for option in options_of(command):
            assert option.replace("-", r"\-") in text, (page, option)
    for page in pages:
        done = subprocess.run(["groff", "-Kutf8", "-man", "-Tutf8", "-ww", "-z"], input=rendfly("man", "page", page).stdout,
                              capture_output=True, text=True)
        assert done.returncode == 0 and done.stderr == "", (page, done.stderr)


def complete_in_bash(*words):
    script = f"""source <({PROGRAM} completion bash)
COMP_WORDS=({' '.join(f'"{w}"' for w in ('rendfly', *words))}); COMP_CWORD={len(words)}
_rendfly; printf '%s\\n' "${{COMPREPLY[@]}}\""""
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return set(done.stdout.split())


def test_bash_completes_what_there_is():
    assert {c[0] for c in COMMANDS} <= complete_in_bash("")
    assert complete_in_bash("st") == {"status"}
    for command in COMMANDS:
        assert complete_in_bash(*command, "--") == options_of(command), command
    assert complete_in_bash("keys", "ro") == {"rotate", "rotate-root", "rotate-tokens"}
    assert complete_in_bash("audit", "v") == {"verify"}


def test_zsh_takes_its_script():
    script = f"compdef() {{ :; }}; source <({PROGRAM} completion zsh); _rendfly_words 'audit verify'"
    done = subprocess.run(["zsh", "-fc", script], capture_output=True, text=True)
    assert done.returncode == 0 and set(done.stdout.split()) == options_of(["audit", "verify"]), done.stderr


def named_in_documents():
    """(document, command, option) for each option that a document gives to a command of ours."""
    for document in DOCUMENTS:
        for line in re.split(r"\n|\|", document.read_text()):
            for words in re.findall(r"rendfly ((?:[a-z][a-z-]*)(?: [^`|;>)]*)?)", line):
                command = next((c for c in sorted(COMMANDS, key=len, reverse=True)
                                if words.split()[:len(c)] == c), None)
                if command:
                    for option in re.findall(r"(?<![\w-])--[a-z-]+", words):
                        yield document.name, command, option


def test_every_option_that_a_document_names_is_one():
    named = list(named_in_documents())
    assert len(named) > 10
    for document, command, option in named:
        assert option in options_of(command), f"{document}: rendfly {' '.join(command)} {option}"
