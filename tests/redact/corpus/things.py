# SPDX-License-Identifier: Apache-2.0
"""Addresses of machines, accounts and secrets; and what only looks like personal data."""
import base64
import hashlib
import json
import uuid

from . import numbers, people

LETTERS = "abcdefghijklmnopqrstuvwxyz"
CLASSES = {"d": "0123456789", "u": LETTERS.upper(), "l": LETTERS, "h": "0123456789abcdef", "x": LETTERS + LETTERS.upper() + "0123456789",
           "b": LETTERS.upper() + "234567"}


def fill(rng, form):
    """{d4} four digits, {u2} capitals, {l3} letters, {h8} hexadecimal, {b16} base 32, {x9} any."""
    out, at = [], 0
    while at < len(form):
        end = form.find("}", at)
        if form[at] == "{" and end > 0 and form[at + 1] in CLASSES and form[at + 2:end].isdigit():
            out += [rng.choice(CLASSES[form[at + 1]]) for _ in range(int(form[at + 2:end]))]
            at = end + 1
        else:
            out.append(form[at])
            at += 1
    return "".join(out)


def jwt(rng):
    part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")  # noqa: E731
    return part({"alg": "HS256", "typ": "JWT"}) + "." + part({"sub": fill(rng, "{d8}"), "iat": 1700000000}) + "." + fill(rng, "{x43}")


def pem(rng):
    lines = "\n".join(fill(rng, "{x64}") for _ in range(6))
    return f"-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----"


SECRETS = ["sk-proj-{x48}", "sk-ant-api03-{x93}AA", "AKIA{b16}", "ghp_{x36}", "github_pat_{x22}_{x59}", "glpat-{x20}", "xoxb-{d12}-{d12}-{x24}",
           "sk_live_{x24}", "rk_live_{x24}", "AIza{x35}", "GOCSPX-{x28}", "SG.{x22}.{x43}", "npm_{x36}", "hf_{x34}", "hvs.{x24}", "dapi{h32}",
           "gsk_{x52}", "r8_{x37}", "dop_v1_{h64}", "shpat_{h32}", "{d9}:AA{x33}", "key-{h32}", "APP_USR-{d16}-{d6}-{h32}-{d9}", "pypi-AgEIcHlwaS5vcmc{x60}",
           "xai-{x80}", "pplx-{x48}", "whsec_{x32}", "sq0atp-{x22}", "lin_api_{x40}", "glsa_{x32}_{h8}"]
ASSIGNED = ["{x12}", "{l5}{d3}!{u2}", "{x24}", "{l4}-{d4}-{u3}{d2}"]


def secret(rng, _lang):
    roll = rng.random()
    if roll < 0.06:
        return jwt(rng), "prefix"
    if roll < 0.1:
        return pem(rng), "prefix"
    return fill(rng, rng.choice(SECRETS)), "prefix"


def password(rng, _lang):
    return fill(rng, rng.choice(ASSIGNED)), "context"


B58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def base58check(rng):
    body = bytes([0]) + bytes(rng.randrange(256) for _ in range(20))
    body += hashlib.sha256(hashlib.sha256(body).digest()).digest()[:4]
    value, out = int.from_bytes(body, "big"), ""
    while value:
        value, rest = divmod(value, 58)
        out = B58[rest] + out
    return "1" * (len(body) - len(body.lstrip(b"\0"))) + out


def bech32(rng):
    data = [0] + [rng.randrange(32) for _ in range(32)]
    values, check = [3, 3, 0, 2, 3] + data + [0] * 6, 1
    for v in values:
        top, check = check >> 25, (check & 0x1ffffff) << 5 ^ v
        for i, generator in enumerate([0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3]):
            check ^= generator if top >> i & 1 else 0
    return "bc1" + "".join(BECH32[d] for d in data + [(check ^ 1) >> 5 * (5 - i) & 31 for i in range(6)])


def crypto(rng, _lang):
    return rng.choice([base58check, bech32, lambda r: "0x" + fill(r, "{h40}")])(rng), "formatted"


def ip(rng, _lang):
    if rng.random() < 0.3:
        return fill(rng, rng.choice(["2001:{h4}:{h4}:{h4}::{h4}", "2a02:{h4}:1{h3}:{h4}:{h4}:{h4}:{h4}:{h4}"])), "v6"
    return f"{rng.choice([85, 177, 200, 91, 62, 189])}.{rng.randint(11, 250)}.{rng.randint(0, 255)}.{rng.randint(10, 254)}", "v4"


def mac(rng, _lang):
    pairs = [fill(rng, "{h2}") for _ in range(6)]
    return rng.choice([":".join(pairs), "-".join(pairs).upper(), ":".join(pairs).upper()]), "formatted"


def geo(rng, _lang):
    lat, lon = rng.uniform(-60, 60), rng.uniform(-170, 170)
    return rng.choice([f"{lat:.6f}, {lon:.6f}", f"{lat:.4f},{lon:.4f}", f"{lat:.5f} {lon:.5f}"]), "pair"


def device_id(rng, _lang):
    return rng.choice([str(uuid.UUID(int=rng.getrandbits(128), version=4)), str(uuid.UUID(int=rng.getrandbits(128), version=4)).upper(),
                       fill(rng, "{h16}")]), "context"


def pix_key(rng, _lang):
    return str(uuid.UUID(int=rng.getrandbits(128), version=4)), "context"


ACCOUNTS = {"pt-BR": ["{d5}-{d1}", "{d8}-{d1}", "{d6}-{d1}"], "en": ["{d8}", "{d10}", "{d12}"]}


def bank_account(rng, lang):
    return fill(rng, rng.choice(ACCOUNTS.get(lang, ["{d10}", "{d8}"]))), "context"


PASSPORTS = {"pt-BR": "{u2}{d6}", "en": "{d9}", "de": "C{d1}{u1}{d2}{u1}{d3}", "fr": "{d2}{u2}{d5}", "es": "{u3}{d6}", "it": "{u2}{d7}", "nl": "N{u1}{u1}{d5}{d1}", "pt-PT": "{u1}{d6}"}
LICENCES = {"en": ["{u1}{d7}", "{d9}"], "de": ["{u1}{d2}{d1}{u1}{d4}{d1}1"], "fr": ["{d12}"], "es": ["{d8}{u1}"], "it": ["{u2}{d7}{u1}"], "nl": ["{d10}"],
            "pt-PT": ["L-{d7}"]}


def passport(rng, lang):
    return fill(rng, PASSPORTS[lang]), "context"


def licence(rng, lang):
    return fill(rng, rng.choice(LICENCES.get(lang, ["{d9}"]))), "context"


def national(name):
    return lambda rng, _lang: numbers.NUMBERS[name](rng)


MAKERS = {
    "EMAIL": people.email, "PHONE": people.phone, "PERSON": people.person, "ADDRESS": people.street, "POSTAL_CODE": people.postal_code,
    "DATE_OF_BIRTH": people.birth, "USERNAME": people.username, "GEO": geo, "PLATE": people.plate, "BANK_ACCOUNT": bank_account,
    "PIX_KEY": pix_key, "CRYPTO": crypto, "PASSPORT": passport, "DRIVER_LICENCE": licence, "IP": ip, "MAC": mac, "DEVICE_ID": device_id,
    "SECRET": secret, "PASSWORD": password, **{name: national(name) for name in numbers.NUMBERS},
}


def wrong(rng, name):
    """A number of that shape whose check digit is wrong."""
    text, _ = numbers.NUMBERS[name](rng)
    at = max(i for i, c in enumerate(text) if c.isdigit())
    return text[:at] + str((int(text[at]) + rng.randint(1, 8)) % 10) + text[at + 1:]


def ms_timestamp(rng):
    return str(rng.randint(1600000000000, 1790000000000))


# Slots of negatives: what people write that is nobody's.
HARMLESS = {
    "date": people.recent_date,
    "price": lambda rng, lang: (f"{rng.randint(1, 9)},{rng.randint(100, 999)}.{rng.randint(10, 99)}" if lang == "en"
                                else f"{rng.randint(1, 9)}.{rng.randint(100, 999)},{rng.randint(10, 99)}"),
    "version": lambda rng, lang: f"{rng.randint(0, 9)}.{rng.randint(0, 9)}.{rng.randint(0, 9)}" + rng.choice(["", f".{rng.randint(0, 9)}", "-rc1"]),
    "uuid": lambda rng, lang: str(uuid.UUID(int=rng.getrandbits(128), version=4)),
    "order": lambda rng, lang: fill(rng, rng.choice(["{d6}", "{d8}", "A-{d7}", "#{d5}", "{u3}{d3}", "BR-2026-{d6}"])),
    "ms": lambda rng, lang: ms_timestamp(rng),
    "seconds": lambda rng, lang: ms_timestamp(rng)[:10],
    "sha1": lambda rng, lang: fill(rng, "{h40}"),
    "sha256": lambda rng, lang: fill(rng, "{h64}"),
    "short": lambda rng, lang: fill(rng, "{h7}"),
    "time": lambda rng, lang: f"{rng.randint(0, 23):02d}:{rng.randint(0, 59):02d}",
    "number": lambda rng, lang: str(rng.randint(2, 9999)),
    "big": lambda rng, lang: fill(rng, "{d6}"),
    "percent": lambda rng, lang: f"{rng.randint(1, 99)}.{rng.randint(0, 9)} %",
    "tracking": lambda rng, lang: fill(rng, rng.choice(["1Z{x6}{d10}", "{u2}{d9}BR", "{u2}{d9}DE"])).upper(),
    "decimal": lambda rng, lang: f"{rng.random():.16f}",
    "isbn": lambda rng, lang: "978-" + fill(rng, "{d1}-{d4}-{d4}-{d1}"),
}
