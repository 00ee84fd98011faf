# SPDX-License-Identifier: Apache-2.0
"""What each process may do to the system when it is not ours any more: tried from inside, by
rendfly-attack (tests/attack/breakout.c), and read from the kernel.
"""
import ctypes
import os
import pathlib
import re
import struct
import subprocess

import pytest

from system import ROOT, System, wait_until

BUILD = pathlib.Path(os.environ.get("RENDFLY_BUILD", ROOT / "build"))
ATTACK = BUILD / "rendfly-attack"
FILTERED = ("collector", "api", "judge", "steward", "resolver", "keyd")
MOST_CALLS = {"keyd": 30}
MOST_CALLS_ELSEWHERE = 40

# What a process needs for its work, and so may: (role, attempt) -> why.
NEEDED = {
    ("judge", "connect_elsewhere"): "the judging model may be anywhere",
    ("resolver", "read_a_file"): "looking up names reads /etc",
}


@pytest.fixture(scope="module")
def own():
    if os.geteuid() != 0:
        pytest.skip("needs root: each process of the system has a user of its own")
    subprocess.run(["ninja", "-C", BUILD, ATTACK.name], check=True, stdout=subprocess.DEVNULL)
    with System(program=str(ATTACK), start=False) as s:
        (s.folder / "attack").touch()
        s.start()
        yield s


@pytest.fixture(scope="module")
def attempts(own):
    """(role, attempt) -> what came of it."""
    log = own.folder / "log/rendfly.log"

    def all_told():
        told = {(m[1], m[2]): m[3] for m in re.finditer(r' attack role="(\w+)" attempt="(\w+)" came="([\w ]+)"',
                                                        log.read_text())}
        names = {name for _, name in told}
        return told if {(role, name) for role in FILTERED for name in names} <= set(told) and names else None
    return wait_until("all attempts are told", all_told)


def test_each_process_makes_its_attempts(attempts):
    for role in FILTERED:
        assert len([name for r, name in attempts if r == role]) >= 10


def test_no_attempt_to_break_out_succeeds(attempts):
    got_out = {case: came for case, came in attempts.items() if came not in ("denied", "killed") and case not in NEEDED}
    assert got_out == {}


def test_what_a_process_may_is_what_it_needs_and_shows_that_the_attempts_are_real(attempts):
    assert {case for case, came in attempts.items() if came == "done"} == set(NEEDED)


# ---- as the kernel tells it

SEIZE, INTERRUPT, DETACH, GET_FILTER = 0x4206, 0x4207, 17, 0x420C
KILL, ALLOW = 0x80000000, 0x7FFF0000
ARCHITECTURE = 0xC000003E
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]


def filters_of(pid):
    """The seccomp programs of a running process; None when this kernel does not tell."""
    if libc.ptrace(SEIZE, pid, None, None) != 0:
        return None
    try:
        libc.ptrace(INTERRUPT, pid, None, None)
        os.waitpid(pid, 0x40000000)
        found = []
        while (n := libc.ptrace(GET_FILTER, pid, len(found), None)) > 0:
            program = ctypes.create_string_buffer(8 * n)
            libc.ptrace(GET_FILTER, pid, len(found), program)
            found.append(list(struct.iter_unpack("<HBBI", program.raw)))
        return found or None
    finally:
        libc.ptrace(DETACH, pid, None, None)


def run(program, number, arguments=()):
    """The answer of a classic BPF program to a system call."""
    data = struct.pack("<iIQ6Q", number, ARCHITECTURE, 0, *[*arguments, *[0] * 6][:6])
    at = accumulator = 0
    while True:
        code, yes, no, value = program[at]
        at += 1
        if code == 0x20:
            accumulator = struct.unpack_from("<I", data, value)[0]
        elif code == 0x54:
            accumulator &= value
        elif code in (0x15, 0x25, 0x35, 0x45):
            is_true = {0x15: accumulator == value, 0x25: accumulator > value, 0x35: accumulator >= value,
                       0x45: accumulator & value != 0}[code]
            at += yes if is_true else no
        elif code == 0x05:
            at += value
        elif code == 0x06:
            return value
        else:
            raise AssertionError(f"unknown instruction {code:#x}")


def names_of_calls():
    text = subprocess.run(["gcc", "-dM", "-E", "-include", "sys/syscall.h", "-"], input="", capture_output=True,
                          text=True, check=True).stdout
    return {int(n): name for name, n in re.findall(r"#define __NR_(\w+) (\d+)", text)}


def children_of(pid):
    return [int(child) for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def pid_of(own, role):
    """The resolver is the steward's child."""
    if role == "resolver":
        (child,) = children_of(own.processes()["steward"]["pid"])
        return child
    return own.processes()[role]["pid"]


def allowed_calls(own, role):
    if os.uname().machine != "x86_64":
        pytest.skip("reads the numbers of x86-64")
    filters = filters_of(pid_of(own, role))
    if filters is None:
        pytest.skip("this kernel does not tell a process's filter")
    names = names_of_calls()
    tcp = [2, 1]  # the one call of which only some arguments are let through, zero not among them
    return sorted(name for n, name in names.items()
                  if all(run(f, n, tcp if name == "socket" else ()) == ALLOW for f in filters)), filters


@pytest.mark.parametrize("role", FILTERED)
def test_the_system_calls_of_a_process_are_those_that_were_reviewed(own, role):
    """docs/system-calls.md lists them: a change shows there, in the change."""
    calls, _ = allowed_calls(own, role)
    listed = re.search(rf"^## {role}: (\d+)\n\n(.*?)\n(?:\n|\Z)", (ROOT / "docs/system-calls.md").read_text(), re.S | re.M)
    assert listed and int(listed[1]) == len(calls) and listed[2].split() == calls, f"## {role}: {len(calls)}\n\n{' '.join(calls)}"


@pytest.mark.parametrize("role", FILTERED)
def test_a_process_that_serves_has_no_more_calls_than_the_bar(own, role):
    calls, _ = allowed_calls(own, role)
    assert 15 < len(calls) <= MOST_CALLS.get(role, MOST_CALLS_ELSEWHERE), calls


@pytest.mark.parametrize("role", ("collector", "api", "judge", "steward"))
def test_the_only_sockets_are_of_tcp(own, role):
    _, filters = allowed_calls(own, role)
    number = next(n for n, name in names_of_calls().items() if name == "socket")
    unix, inet, inet6, netlink, packet, stream, datagram, raw = 1, 2, 10, 16, 17, 1, 2, 3
    for family in (inet, inet6):
        assert all(run(f, number, [family, stream | 0o2004000]) == ALLOW for f in filters)
    for arguments in ((unix, stream), (unix, datagram), (inet, datagram), (inet6, datagram), (inet, raw), (netlink, raw),
                      (packet, raw), (inet, datagram | 0o2000000)):
        assert any(run(f, number, arguments) == KILL for f in filters), arguments


def test_all_threads_of_the_api_have_both_filters(own):
    main = own.processes()["api"]["pid"]
    found = [re.search(r"Seccomp_filters:\t(\d+)", (thread / "status").read_text())[1]
             for thread in pathlib.Path(f"/proc/{main}/task").iterdir()]
    assert len(found) > 4 and set(found) == {"2"}


@pytest.mark.parametrize("role", FILTERED)
def test_what_is_not_listed_ends_the_process(own, role):
    calls, filters = allowed_calls(own, role)
    numbers = {name: n for n, name in names_of_calls().items()}
    for name, number in numbers.items():
        if name == "clone3":  # without it the C library makes threads by clone, whose flags a filter sees
            assert any(run(f, number) & 0xFFFF0000 in (0x50000, KILL) for f in filters)
        elif name not in calls:
            assert any(run(f, number) == KILL for f in filters), name
    for name in ("execve", "execveat", "ptrace", "mount", "fork", "vfork", "setuid", "bpf", "unshare", "kill"):
        assert name not in calls, name
    assert any(run(f, numbers["clone"], [0x11]) != ALLOW for f in filters)  # a process, not a thread
    executable = [0, 4096, 4]
    for name in ("mmap", "mprotect"):
        assert any(run(f, numbers[name], executable) != ALLOW for f in filters), name
    assert any(run(f, 0x40000000 | numbers["read"]) != ALLOW for f in filters)  # the x32 table


# ---- in their steady state (H4)

@pytest.mark.parametrize("role", (*FILTERED, "edge", "sample", "postgres"))
def test_a_running_process_and_its_children_have_no_rights(own, role):
    main = pid_of(own, role)
    if role in FILTERED:
        wait_until("it is confined", lambda: "Seccomp:\t2" in pathlib.Path(f"/proc/{main}/status").read_text())
    for pid in [main, *children_of(main)]:
        status = dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
                      if ":\t" in line)
        assert [status[f].strip("0") for f in ("CapEff", "CapPrm", "CapInh", "CapBnd", "CapAmb")] == [""] * 5, role
        assert status["NoNewPrivs"] == "1" and status["Umask"] == "0077", (role, status["Umask"])
        is_worker_of_edge = role == "edge" and pid != main
        if role in FILTERED or is_worker_of_edge:
            assert status["Seccomp"] == "2", role
        if role in FILTERED or role == "edge":
            assert os.stat(f"/proc/{pid}/mem").st_uid == 0, f"{role} can be dumped"
        limits = pathlib.Path(f"/proc/{pid}/limits").read_text()
        assert re.search(r"Max core file size\s+0\s+0", limits), role


def test_nothing_that_we_ship_or_make_is_setuid(own):
    for folder in (own.folder, BUILD):
        found = subprocess.run(["find", str(folder), "-perm", "/6000", "-type", "f"], capture_output=True, text=True)
        assert found.stdout == ""


def test_a_worker_of_the_edge_can_become_no_other_program(own):
    main = own.processes()["edge"]["pid"]
    worker = children_of(main)[0]
    filters = filters_of(worker)
    if filters is None or os.uname().machine != "x86_64":
        pytest.skip("this kernel does not tell a process's filter")
    numbers = {name: n for n, name in names_of_calls().items()}
    for name in ("execve", "execveat", "ptrace", "process_vm_readv", "mount", "unshare", "bpf", "init_module", "vfork"):
        assert any(run(f, numbers[name]) == KILL for f in filters), name
    for name, arguments in (("mmap", [0, 4096, 4]), ("mprotect", [0, 4096, 5]), ("socket", [2, 3]), ("socket", [17, 3])):
        assert any(run(f, numbers[name], arguments) != ALLOW for f in filters), (name, arguments)
    assert all(run(f, numbers["socket"], [2, 1]) == ALLOW for f in filters)
