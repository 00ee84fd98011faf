# SPDX-License-Identifier: Apache-2.0
"""Numbers with right check digits, written as people write them.

Every maker takes a random.Random and returns (text, form): "formatted" with the separators that
belong to the kind, "bare" without, which nobody could tell from another number without context.
"""
import string

ALNUM = string.digits + string.ascii_uppercase


def digits(rng, n, first="0123456789"):
    return rng.choice(first) + "".join(rng.choice(string.digits) for _ in range(n - 1))


def weigh(text, weights):
    return sum((ord(c) - 48) * w for c, w in zip(text, weights))


def eleven(total):
    return str(0 if total % 11 < 2 else 11 - total % 11)


def luhn_digit(body):
    total = 0
    for i, c in enumerate(reversed(body)):
        v = int(c) * (2 if i % 2 == 0 else 1)
        total += v - 9 if v > 9 else v
    return str(-total % 10)


def shaped(rng, number, shape, bare_share=0.4):
    """shape has one '#' for each character of the number."""
    if rng.random() < bare_share:
        return number, "bare"
    at = iter(number)
    return "".join(next(at) if c == "#" else c for c in shape), "formatted"


def cpf(rng):
    body = digits(rng, 9)
    if len(set(body)) == 1:
        return cpf(rng)
    body += eleven(weigh(body, range(10, 1, -1)))
    body += eleven(weigh(body, range(11, 1, -1)))
    return shaped(rng, body, "###.###.###-##")


CNPJ_WEIGHTS = [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]


def cnpj(rng):
    if rng.random() < 0.25:
        body = "".join(rng.choice(ALNUM) for _ in range(8)) + "00" + rng.choice("01") + digits(rng, 1, "1234567")
        share = 0.15
    else:
        body, share = digits(rng, 8) + "000" + digits(rng, 1, "123456789"), 0.4
    body += eleven(weigh(body, CNPJ_WEIGHTS))
    body += eleven(weigh(body, [6, *CNPJ_WEIGHTS]))
    text, form = shaped(rng, body, "##.###.###/####-##", share)
    return (text.lower() if rng.random() < 0.1 else text), form


def rg(rng):
    body = digits(rng, 8, "12345")
    rest = -weigh(body, range(2, 10)) % 11
    body += "X" if rest == 10 else str(rest)
    return shaped(rng, body, "##.###.###-#", 0.3)


def cnh(rng):
    body = digits(rng, 9)
    first = weigh(body, range(9, 0, -1)) % 11
    drop = 2 if first >= 10 else 0
    second = weigh(body, range(1, 10)) % 11 - drop
    second = second + 11 if second < 0 else second
    return body + str(0 if first >= 10 else first) + str(0 if second >= 10 else second), "bare"


def pis(rng):
    body = digits(rng, 10, "12")
    return shaped(rng, body + eleven(weigh(body, [3, 2, 9, 8, 7, 6, 5, 4, 3, 2])), "###.#####.##-#")


def titulo(rng):
    number, state = digits(rng, 8), f"{rng.randint(3, 28):02d}"
    first = str(weigh(number, range(2, 10)) % 11 % 10)
    return shaped(rng, number + state + first + str(weigh(state + first, [7, 8, 9]) % 11 % 10), "#### #### ####")


def cns(rng):
    while True:
        body = digits(rng, 14, "789")
        last = -weigh(body, range(15, 1, -1)) % 11
        if last < 10:
            return shaped(rng, body + str(last), "### #### #### ####")


CARD_FORMS = [("4", 16, "#### #### #### ####"), ("51", 16, "####-####-####-####"), ("2221", 16, "#### #### #### ####"),
              ("34", 15, "#### ###### #####"), ("37", 15, "####-######-#####"), ("6011", 16, "#### #### #### ####"),
              ("636368", 16, "#### #### #### ####"), ("3528", 16, "#### #### #### ####"), ("36", 14, "#### ###### ####")]


def card(rng):
    prefix, length, shape = rng.choice(CARD_FORMS)
    body = prefix + digits(rng, length - len(prefix) - 1)
    return shaped(rng, body + luhn_digit(body), shape)


IBANS = {"DE": "d18", "FR": "d10 x11 d2", "ES": "d20", "PT": "d21", "IT": "u1 d10 x12", "NL": "u4 d10", "BE": "d12",
         "GB": "u4 d14", "BR": "d23 u1 x1", "AT": "d16", "CH": "d5 x12", "PL": "d24", "IE": "u4 d14", "SE": "d20"}


def one_of_class(rng, piece):
    letters = {"d": string.digits, "u": string.ascii_uppercase, "x": ALNUM}[piece[0]]
    return "".join(rng.choice(letters) for _ in range(int(piece[1:])))


def iban(rng):
    country = rng.choice(list(IBANS))
    bban = "".join(one_of_class(rng, piece) for piece in IBANS[country].split())
    if country == "BE":
        bban = bban[:10] + f"{int(bban[:10]) % 97 or 97:02d}"
    check = 98 - int("".join(str(int(c, 36)) for c in bban + country + "00")) % 97
    text = f"{country}{check:02d}{bban}"
    if rng.random() < 0.5:
        return text, "bare"
    text = " ".join(text[i:i + 4] for i in range(0, len(text), 4))
    return (text.lower() if rng.random() < 0.1 else text), "formatted"


def ssn(rng):
    area = rng.choice([a for a in range(1, 900) if a != 666])
    return shaped(rng, f"{area:03d}{rng.randint(1, 99):02d}{rng.randint(1, 9999):04d}", "###-##-####", 0.3)


def itin(rng):
    group = rng.choice([*range(50, 66), *range(70, 89), 90, 91, 92, *range(94, 100)])
    return shaped(rng, f"9{rng.randint(0, 99):02d}{group}{rng.randint(1, 9999):04d}", "###-##-####", 0.3)


def ein(rng):
    return shaped(rng, rng.choice(["12", "20", "27", "36", "46", "52", "61", "77", "83", "94"]) + digits(rng, 7),
                  "##-#######", 0.2)


def nino(rng):
    while True:
        prefix = rng.choice("ABCEGHJKLMNOPRSTWXYZ") + rng.choice("ABCEGHJKLMNPRSTWXYZ")
        if prefix not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ"):
            text, form = shaped(rng, prefix + digits(rng, 6) + rng.choice("ABCD"), "## ## ## ## #")
            return (text.lower() if rng.random() < 0.1 else text), form


def nhs(rng):
    while True:
        body = digits(rng, 9, "4679")
        last = -weigh(body, range(10, 1, -1)) % 11
        if last < 10:
            return shaped(rng, body + str(last), "### ### ####")


def steuer_id(rng):
    pool = rng.sample(string.digits, 9)
    body = pool + [rng.choice(pool)]
    rng.shuffle(body)
    if body[0] == "0":
        return steuer_id(rng)
    product = 10
    for c in body:
        product = ((int(c) + product) % 10 or 10) * 2 % 11
    return shaped(rng, "".join(body) + str((11 - product) % 10), "## ### ### ###")


def nir(rng):
    department = rng.choice(["75", "13", "69", "33", "59", "2A", "2B", "06"])
    body = rng.choice("12") + f"{rng.randint(20, 99):02d}{rng.randint(1, 12):02d}{department}" + digits(rng, 6)
    value = int(body.replace("2A", "19").replace("2B", "18"))
    return shaped(rng, body + f"{97 - value % 97:02d}", "# ## ## ## ### ### ##")


DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"


def dni(rng):
    body = digits(rng, 8)
    return shaped(rng, body + DNI_LETTERS[int(body) % 23], rng.choice(["########-#", "##.###.###-#"]), 0.5)


def nie(rng):
    first, body = rng.choice("XYZ"), digits(rng, 7)
    letter = DNI_LETTERS[int(str("XYZ".index(first)) + body) % 23]
    return shaped(rng, first + body + letter, "#-#######-#", 0.5)


def cif(rng):
    first, body = rng.choice("ABEFGHJ"), digits(rng, 7)
    total = sum(sum(divmod(int(c) * 2, 10)) for c in body[0::2]) + sum(int(c) for c in body[1::2])
    return shaped(rng, first + body + str(-total % 10), rng.choice(["#-########", "#########"]), 0.5)


ODD = dict(zip(ALNUM, [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8,
                       12, 14, 16, 10, 22, 25, 24, 23]))


def codice_fiscale(rng):
    consonants = "BCDFGLMNPRSTVZ"
    body = "".join(rng.choice(consonants) for _ in range(6))
    body += f"{rng.randint(30, 99):02d}" + rng.choice("ABCDEHLMPRST") + f"{rng.randint(1, 28) + rng.choice([0, 40]):02d}"
    body += rng.choice("ABCDEFGHIL") + digits(rng, 3)
    total = sum(ODD[c] for c in body[0::2]) + sum(int(c) if c.isdigit() else ord(c) - 65 for c in body[1::2])
    text = body + chr(65 + total % 26)
    return (text.lower() if rng.random() < 0.25 else text), "formatted"


def nif(rng):
    body = digits(rng, 8, "12356")
    return shaped(rng, body + eleven(weigh(body, range(9, 1, -1))), "### ### ###", 0.6)


def bsn(rng):
    while True:
        body = digits(rng, 8, "12345678")
        last = weigh(body, range(9, 1, -1)) % 11
        if last < 10:
            return shaped(rng, body + str(last), rng.choice(["#### ## ###", "####.##.###", "### ### ###"]), 0.6)


def be_nrn(rng):
    year = rng.randint(30, 99)
    body = f"{year:02d}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}{rng.randint(1, 997):03d}"
    return shaped(rng, body + f"{97 - int(body) % 97:02d}", "##.##.##-###.##")


def pesel(rng):
    month = rng.randint(1, 12) + rng.choice([0, 0, 0, 20])
    body = f"{rng.randint(0, 24) if month > 20 else rng.randint(40, 99):02d}{month:02d}{rng.randint(1, 28):02d}"
    body += digits(rng, 4)
    return body + str(-weigh(body, [1, 3, 7, 9, 1, 3, 7, 9, 1, 3]) % 10), "bare"


def personnummer(rng):
    body = f"{rng.randint(30, 99):02d}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}" + digits(rng, 3)
    body += luhn_digit(body)
    text = body[:6] + rng.choice("--+") + body[6:]
    if rng.random() < 0.4:
        return "19" + body[:6] + "-" + body[6:], "formatted"
    return text, "formatted"


def hetu(rng):
    born = f"{rng.randint(1, 28):02d}{rng.randint(1, 12):02d}{rng.randint(30, 99):02d}"
    number = f"{rng.randint(2, 899):03d}"
    check = "0123456789ABCDEFHJKLMNPRSTUVWXY"[int(born + number) % 31]
    return born + rng.choice("---YXWVU") + number + check, "formatted"


def cpr(rng):
    return shaped(rng, f"{rng.randint(1, 28):02d}{rng.randint(1, 12):02d}{rng.randint(30, 99):02d}" + digits(rng, 4),
                  "######-####", 0.2)


def cuit(rng):
    while True:
        body = rng.choice(["20", "23", "24", "27", "30", "33"]) + digits(rng, 8)
        last = -weigh(body, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11
        if last < 10:
            return shaped(rng, body + str(last), "##-########-#")


CURP_ALPHABET = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"


def mexican_birth(rng):
    return f"{rng.randint(40, 99):02d}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"


def curp(rng):
    consonants = "BCDFGHJKLMNPQRSTVWXYZ"
    body = rng.choice(consonants) + rng.choice("AEIOU") + rng.choice(consonants) + rng.choice(consonants)
    body += mexican_birth(rng) + rng.choice("HM") + rng.choice(["DF", "JC", "NL", "MC", "PL", "VZ"])
    body += "".join(rng.choice(consonants) for _ in range(3)) + "0"
    total = sum(CURP_ALPHABET.index(c) * (18 - i) for i, c in enumerate(body))
    return body + str(-total % 10), "formatted"


def rfc(rng):
    consonants = "BCDFGHJKLMNPQRSTVWXYZ"
    letters = rng.choice(consonants) + rng.choice("AEIOU") + rng.choice(consonants) + rng.choice(consonants)
    body = letters + mexican_birth(rng) + rng.choice(ALNUM[1:32]) + rng.choice(ALNUM[1:])
    alphabet = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ Ñ"
    total = sum(alphabet.index(c) * (13 - i) for i, c in enumerate(body))
    last = 11 - total % 11
    return body + ("0" if last == 11 else "A" if last == 10 else str(last)), "formatted"


def rut(rng):
    body = digits(rng, 8, "12")
    total = weigh(reversed(body), [2, 3, 4, 5, 6, 7, 2, 3])
    last = 11 - total % 11
    body += "0" if last == 11 else "K" if last == 10 else str(last)
    return shaped(rng, body, rng.choice(["##.###.###-#", "########-#"]), 0.0)


def imei(rng):
    body = "35" + digits(rng, 12)
    return shaped(rng, body + luhn_digit(body), "##-######-######-#", 0.8)


def routing(rng):
    body = rng.choice(["02", "11", "12", "26", "32"]) + digits(rng, 6)
    return body + str(-weigh(body, [3, 7, 1, 3, 7, 1, 3, 7]) % 10)


NUMBERS = {
    "CARD": card, "IBAN": iban, "CPF": cpf, "CNPJ": cnpj, "RG": rg, "CNH": cnh, "PIS": pis, "TITULO_ELEITOR": titulo,
    "CNS": cns, "SSN": ssn, "ITIN": itin, "EIN": ein, "NINO": nino, "NHS": nhs, "STEUER_ID": steuer_id, "NIR": nir,
    "DNI": dni, "NIE": nie, "CIF": cif, "CODICE_FISCALE": codice_fiscale, "NIF": nif, "BSN": bsn, "BE_NRN": be_nrn,
    "PESEL": pesel, "PERSONNUMMER": personnummer, "HETU": hetu, "CPR": cpr, "CUIT": cuit, "CURP": curp, "RFC": rfc,
    "RUT": rut, "IMEI": imei,
}
