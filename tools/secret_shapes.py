# SPDX-License-Identifier: Apache-2.0
"""The shapes of keys: a small regular language, read into nodes; entities/secrets.toml describes it."""
import re

SURE_LETTERS = 4  # fewer are looked for as they are written only
RANGE = re.compile(r"(.)-(.)", re.S)


def members_of(text):
    """The bytes of a class such as "A-Za-z0-9_-"."""
    found, i = set(), 0
    while i < len(text):
        if match := RANGE.match(text, i):
            found |= set(range(ord(match[1]), ord(match[2]) + 1))
            i += 3
        else:
            found.add(ord(text[i]))
            i += 1
    return found


def both_cases(members):
    return members | {b ^ 0x20 for b in members if b < 0x80 and chr(b).isalpha()}


class Run:
    """One class of bytes, low to high times; high None: without end."""

    def __init__(self, members, low=1, high=1):
        self.members, self.low, self.high = frozenset(members), low, high


class Group:
    def __init__(self, choices):
        self.choices, self.optional = choices, False


class Lead:
    """What stands in front of where the search begins."""

    def __init__(self, run, text, optional):
        self.run, self.text, self.optional = run, text, optional


class Shape:
    def __init__(self, text, classes, case):
        self.classes, self.lead = classes, None
        self.case, self.exact = case, case or len(re.match(r"[A-Za-z(|]*", text)[0]) < SURE_LETTERS
        if match := re.search(r" (\?)?> ", text):
            self.lead = self.read_lead(text[:match.start()], match[1] is not None)
            text = text[match.end():]
        self.at, self.text = 0, text.encode().decode("latin-1")
        self.nodes = self.sequence()
        if self.at != len(self.text):
            raise SystemExit(f"{text}: {text[self.at:]!r} is too much")

    @staticmethod
    def quote(text):
        return re.sub(r"([\\<>\[\](){}|?.])", r"\\\1", text)

    def folded(self, members):
        return members if self.case else both_cases(members)

    def read_lead(self, text, optional):
        self.at, self.text = 0, text
        nodes = self.sequence()
        run = nodes.pop(0) if isinstance(nodes[0], Run) and len(nodes[0].members) > 2 else None
        return Lead(run, "".join(chr(min(n.members)) for n in nodes), optional)

    def sequence(self):
        nodes = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            nodes.append(self.item())
        return nodes

    def item(self):
        c, end = self.text[self.at], None
        if c == "(":
            node = self.group()
        elif c == "<":
            end = self.text.index(">", self.at)
            node = Run(self.folded(members_of(self.classes[self.text[self.at + 1:end]])))
        elif c == "[":
            end = self.text.index("]", self.at)
            node = Run(self.folded(members_of(self.text[self.at + 1:end])))
        else:
            end = self.at + (c == "\\")
            node = Run({ord(self.text[end])} if self.exact else both_cases({ord(self.text[end])}))
        if end is not None:
            self.at = end + 1
        self.repeat(node)
        return node

    def group(self):
        choices = []
        while self.text[self.at] in "(|":
            self.at += 1
            choices.append(self.sequence())
        self.at += 1
        return Group(choices)

    def repeat(self, node):
        if self.text[self.at:self.at + 1] == "?":
            self.at += 1
            if isinstance(node, Group):
                node.optional = True
            else:
                node.low = 0
        elif match := re.compile(r"\{(\d+)(,(\d*))?\}").match(self.text, self.at):
            self.at = match.end()
            node.low = int(match[1])
            node.high = node.low if match[2] is None else int(match[3]) if match[3] else None

    def split(self, long_run):
        """The nodes of the head, and the long run at the end."""
        last = self.nodes[-1]
        if isinstance(last, Run) and (last.high is None or last.high > long_run):
            return self.nodes[:-1], last
        return self.nodes, None

    def firsts(self, n):
        """For each way to begin, the sets that its first n bytes are of."""
        return [way[:n] for way in ways(self.nodes, n)]


def ways(nodes, n):
    """Lists of at least n sets of bytes, one for each way through the nodes."""
    if n <= 0:
        return [[]]
    if not nodes:
        return [[range(256)] * n]
    node, rest = nodes[0], nodes[1:]
    found = []
    if isinstance(node, Group):
        for choice in node.choices + ([[]] if node.optional else []):
            found += ways(choice + rest, n)
        return found
    for count in range(node.low, min(node.high or n, n) + 1) if node.low < n else [n]:
        found += [[node.members] * count + way for way in ways(rest, n - count)]
    return found


def to_re2c(nodes):
    return " ".join(node_to_re2c(node) for node in nodes)


def node_to_re2c(node):
    if isinstance(node, Group):
        return "(" + " | ".join(to_re2c(c) for c in node.choices) + ")" + ("?" if node.optional else "")
    text = "[" + "".join(f"\\x{b:02x}" for b in sorted(node.members)) + "]"
    if (node.low, node.high) == (1, 1):
        return text
    return text + (f"{{{node.low},}}" if node.high is None else f"{{{node.low},{node.high}}}")


def to_regex(nodes):
    return "".join(node_to_regex(node) for node in nodes)


def node_to_regex(node):
    if isinstance(node, Group):
        return "(?:" + "|".join(to_regex(c) for c in node.choices) + ")" + ("?" if node.optional else "")
    return ("[" + "".join(f"\\x{b:02x}" for b in sorted(node.members)) + "]" +
            f"{{{node.low},{'' if node.high is None else node.high}}}")


def fixed_len(nodes):
    """The length of what the nodes match; None when it varies."""
    total = 0
    for node in nodes:
        lens = ({fixed_len(c) for c in node.choices} | ({0} if node.optional else set())
                if isinstance(node, Group) else {node.low if node.low == node.high else None})
        if len(lens) != 1 or None in lens:
            return None
        total += lens.pop()
    return total


def sample(nodes, chance, is_shortest=False):
    """A random text of the nodes."""
    out = ""
    for node in nodes:
        if isinstance(node, Group):
            if not node.optional or chance.random() < 0.5:
                out += sample(chance.choice(node.choices), chance, is_shortest)
            continue
        count = node.low if is_shortest else chance.randint(node.low, node.high or node.low + 12)
        members = sorted(node.members)
        out += "".join(chr(chance.choice(members)) for _ in range(count))
    return out


def sample_head(lexeme, chance):
    return sample(lexeme.head, chance)


def longest_first(lexemes):
    """Prepares what each lexeme needs to be compared; the numbers of those of fixed length."""
    for lexeme in lexemes:
        lexeme.re2c = to_re2c(lexeme.head)
        lexeme.regex = re.compile(to_regex(lexeme.head), re.S)
        lexeme.head_len = fixed_len(lexeme.head)
    fixed = [n for n, lexeme in enumerate(lexemes) if lexeme.head_len]
    return sorted(fixed, key=lambda n: (-lexemes[n].head_len, n))
