# SPDX-License-Identifier: Apache-2.0
"""Names, addresses, telephone numbers and what else says who and where a person is, by country."""
import datetime

from . import numbers

FIRST = {
    "en": "James Mary Robert Patricia Michael Linda David Susan Emily Oliver Chloe Liam Grace Ethan Zoe Marcus Priya Wei",
    "pt-BR": "José Maria João Ana Antônio Francisca Luiz Juliana Thiago Camila Rafael Letícia Vinícius Bruna Caio Yasmin",
    "pt-PT": "João Maria Rui Inês Tiago Catarina Gonçalo Beatriz Nuno Sofia Duarte Matilde Vasco Leonor Afonso Marta",
    "es": "Antonio María Manuel Carmen José Lucía Javier Ángela Alejandro Pilar Íñigo Rocío Diego Valentina Sergio Nuria",
    "de": "Hans Ursula Peter Monika Jürgen Petra Klaus Sabine Lukas Leonie Felix Anneliese Björn Katrin Uwe Heike",
    "fr": "Jean Marie Pierre Nathalie Michel Isabelle François Chloé Étienne Camille Loïc Manon Hugo Élodie Mathieu Agnès",
    "it": "Giuseppe Maria Giovanni Anna Luca Francesca Marco Giulia Alessandro Chiara Niccolò Ilaria Matteo Beatrice",
    "nl": "Jan Anna Piet Sanne Daan Lotte Sem Femke Joost Marieke Thijs Anouk Bram Ingrid Ruben Saskia",
}
LAST = {
    "en": "Smith Johnson Williams Brown Jones Garcia Miller Davis Taylor Thompson O'Brien McDonald Hughes Patel Clarke Whitfield",
    "pt-BR": "Silva Santos Oliveira Souza Rodrigues Ferreira Alves Pereira Lima Gomes Ribeiro Carvalho Araújo Nascimento",
    "pt-PT": "Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Martins Sousa Fernandes Lopes Marques Teixeira Antunes",
    "es": "García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Jiménez Ibáñez Ortega Quiroga Zapatero",
    "de": "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Köhler Krüger Zimmermann Vogel",
    "fr": "Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Lefèvre Girard Bonnet Fournier",
    "it": "Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Gallo Conti De Luca Mancini",
    "nl": "Jansen Bakker Visser Smit Meijer Mulder Bos Vos Peters Hendriks Dekker Brouwer Dijkstra Kuipers",
}
PARTICLES = {"pt-BR": ["da", "de", "dos", ""], "pt-PT": ["da", "de", ""], "es": ["de la", "", ""], "nl": ["de", "van den", "van", ""],
             "de": ["von", "", "", ""], "fr": ["de", "", "", ""], "it": ["", ""], "en": ["", ""]}


def person(rng, lang):
    first, last = rng.choice(FIRST[lang].split()), rng.choice(LAST[lang].split())
    particle = rng.choice(PARTICLES[lang])
    middle = rng.choice(["", "", rng.choice(LAST[lang].split()) if lang != "en" else "Ann"])
    if lang in ("es", "pt-BR", "pt-PT") and not particle and not middle:
        middle = rng.choice(LAST[lang].split())
    return " ".join(part for part in (first, middle, particle, last) if part), "name"


STREETS = {
    "en": ["{n} {w} Street", "{n} {w} Avenue, Apt {m}", "{n} {w} Road", "{n} North {w} Drive", "{n} {w} Lane", "{n} {w} Blvd",
           "Flat {m}, {n} {w} Court"],
    "pt-BR": ["Rua {w}, {n}", "Av. {w}, nº {n}, apto {m}", "Avenida {w}, {n}", "Rua das {w}, {n}, bloco B", "Travessa {w}, {n}",
              "R. {w}, {n}", "Alameda {w}, {n}", "Rodovia {w}, km {m}"],
    "pt-PT": ["Rua {w}, n.º {n}", "Rua da {w}, {n}, 2.º Esq.", "Avenida {w}, {n}", "Travessa do {w}, {n}", "Largo {w}, {n}"],
    "es": ["Calle {w}, {n}", "C/ {w} {n}, 3º B", "Avenida de {w}, {n}", "Plaza {w}, {n}", "Paseo de la {w}, {n}", "Av. {w} nº {n}"],
    "de": ["{w}straße {n}", "{w}str. {n}a", "{w}weg {n}", "{w}platz {n}", "Am {w} {n}", "{w}allee {n}", "{w}gasse {n}"],
    "fr": ["{n} rue de la {w}", "{n}, avenue {w}", "{n} bis rue {w}", "{n} boulevard {w}", "{n} place {w}", "{n}, chemin des {w}"],
    "it": ["Via {w} {n}", "Via {w}, {n}", "Corso {w} {n}", "Piazza {w}, {n}", "Viale {w} {n}/B", "Largo {w}, {n}"],
    "nl": ["{w}straat {n}", "{w}laan {n}", "{w}weg {n}-{m}", "{w}plein {n}", "{w}gracht {n}", "{w}kade {n} bis"],
}
STREET_WORDS = {
    "en": "Maple Oak Washington Elm Pine Cedar Lakeview Victoria Station Church",
    "pt-BR": "Palmeiras Flores|Acácias Paulista|Brasil XV|Sete de Setembro|Tiradentes|Marechal Deodoro|Santos Dumont",
    "pt-PT": "Liberdade Prata|Alegria|Camões|Almirante Reis|Boavista|Santa Catarina|Carmo",
    "es": "Alcalá Mayor|Gran Vía|Cervantes|Castellana|Colón|San Miguel|Libertad",
    "de": "Haupt|Bahnhof|Goethe|Schiller|Berliner|Garten|Linden|Mühlen|Kirch",
    "fr": "République|Victor Hugo|Pasteur|Liberté|Jean Jaurès|Lilas|Gambetta|Église",
    "it": "Roma|Garibaldi|Mazzini|Dante Alighieri|Verdi|Cavour|XX Settembre|Vittorio Emanuele",
    "nl": "Dorps|Kerk|Prinsen|Molen|Stations|Wilhelmina|Beatrix|Linden|Keizers",
}
CITIES = {"en": "London|Austin|Leeds|Chicago", "pt-BR": "São Paulo|Recife|Curitiba|Manaus", "pt-PT": "Lisboa|Porto|Braga|Faro",
          "es": "Madrid|Sevilla|Bilbao|Valencia", "de": "Berlin|Köln|München|Dresden", "fr": "Paris|Lyon|Nantes|Lille",
          "it": "Roma|Milano|Torino|Bari", "nl": "Amsterdam|Utrecht|Delft|Breda"}


def street(rng, lang):
    words = STREET_WORDS[lang].replace(" ", "|").split("|") if lang == "en" else STREET_WORDS[lang].split("|")
    return rng.choice(STREETS[lang]).format(w=rng.choice(words), n=rng.randint(2, 2400), m=rng.randint(1, 99)), "address"


def city(rng, lang):
    return rng.choice(CITIES[lang].split("|"))


def postal_code(rng, lang):
    d = lambda n, first="123456789": numbers.digits(rng, n, first)  # noqa: E731
    letters = lambda n: "".join(rng.choice("ABDEFGHJLNPQRSTUWXYZ") for _ in range(n))  # noqa: E731
    forms = {
        "en": [lambda: letters(2) + d(1) + " " + d(1) + letters(2), lambda: d(5), lambda: d(5) + "-" + d(4), lambda: letters(1) + d(2) + " " + d(1) + letters(2)],
        "pt-BR": [lambda: d(5, "0123456789") + "-" + d(3)], "pt-PT": [lambda: d(4) + "-" + d(3)],
        "es": [lambda: f"{rng.randint(1, 52):02d}" + d(3)], "de": [lambda: d(5)], "fr": [lambda: f"{rng.randint(1, 95):02d}" + d(3)],
        "it": [lambda: d(5)], "nl": [lambda: d(4) + " " + letters(2), lambda: d(4) + letters(2)],
    }
    return rng.choice(forms[lang])(), "postal"


PHONES = {
    "en": ["+1 ({a}) {b}-{d4}", "({a}) {b}-{d4}", "{a}-{b}-{d4}", "+44 20 7{d3} {d4}", "+44 7{d3} {d6}", "07{d3} {d6}", "1-{a}-{b}-{d4} ext. {d3}",
           "{a}.{b}.{d4}", "+1{a}{b}{d4}"],
    "pt-BR": ["(11) 9{d4}-{d4}", "+55 21 9{d4}-{d4}", "+55 (31) 9{d4}-{d4}", "(41) 3{d3}-{d4}", "11 9{d4} {d4}", "+5511 9{d8}", "(85) 98{d3}.{d4}",
              "0xx11 9{d4}-{d4}"],
    "pt-PT": ["+351 91{d1} {d3} {d3}", "91{d1} {d3} {d3}", "21{d1} {d3} {d3}", "+351 22 {d3} {d4}", "00351 96{d7}"],
    "es": ["+34 6{d2} {d3} {d3}", "6{d2} {d3} {d3}", "91 {d3} {d2} {d2}", "6{d2}-{d3}-{d3}", "+52 55 {d4} {d4}", "+54 9 11 {d4}-{d4}", "+34 6{d2} {d2} {d2} {d2}"],
    "de": ["+49 30 {d7}", "030 {d7}", "+49 (0)89 {d6}", "0171 {d7}", "0221/{d6}", "+49 151 {d8}", "040-{d7}", "0151 {d4} {d4}"],
    "fr": ["06 {d2} {d2} {d2} {d2}", "+33 6 {d2} {d2} {d2} {d2}", "01.{d2}.{d2}.{d2}.{d2}", "+33 (0)1 {d2} {d2} {d2} {d2}", "07{d8}", "04-{d2}-{d2}-{d2}-{d2}"],
    "it": ["+39 34{d1} {d3} {d4}", "34{d1} {d7}", "06 {d4} {d4}", "+39 02 {d4} {d4}", "33{d1}-{d7}", "+39 06 {d8}"],
    "nl": ["06-{d8}", "+31 6 {d4} {d4}", "020-{d7}", "06 {d2} {d2} {d2} {d2}", "+31 (0)20 {d7}", "010 {d3} {d4}", "+32 4{d2} {d2} {d2} {d2}"],
}


def phone(rng, lang):
    text = rng.choice(PHONES[lang])
    text = text.replace("{a}", rng.choice(["212", "415", "646", "303", "512"])).replace("{b}", numbers.digits(rng, 1, "23456789") + numbers.digits(rng, 2, "23456789"))
    for n in range(1, 9):
        while f"{{d{n}}}" in text:
            text = text.replace(f"{{d{n}}}", numbers.digits(rng, n, "123456789"), 1)
    return text, "international" if text[0] == "+" else "national"


MONTHS = {
    "en": "January February March April May June July August September October November December",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
}


def date_words(lang, day):
    month = MONTHS[lang[:2]].split()[day.month - 1]
    forms = {"en": f"{month} {day.day}, {day.year}", "pt": f"{day.day} de {month} de {day.year}",
             "es": f"{day.day} de {month} de {day.year}", "de": f"{day.day}. {month} {day.year}"}
    return forms.get(lang[:2], f"{day.day} {month} {day.year}")


def date_text(rng, lang, day):
    separator = "." if lang == "de" else "-" if lang == "nl" else "/"
    numeric = ("%m/%d/%Y" if lang == "en" else "%d/%m/%Y").replace("/", separator)
    return rng.choice([day.strftime(numeric), day.strftime(numeric), day.isoformat(), date_words(lang, day)])


def birth(rng, lang):
    return date_text(rng, lang, datetime.date(rng.randint(1935, 2006), rng.randint(1, 12), rng.randint(1, 28))), "date"


def recent_date(rng, lang):
    return date_text(rng, lang, datetime.date(rng.randint(2024, 2027), rng.randint(1, 12), rng.randint(1, 28)))


def fold(text):
    import unicodedata
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)).replace("ß", "ss").replace("ø", "o")


def email(rng, lang):
    first, last = (fold(rng.choice(t[lang].split())).lower().replace("'", "") for t in (FIRST, LAST))
    local = rng.choice([f"{first}.{last}", f"{first}{rng.randint(1, 99)}", f"{first[0]}{last}", f"{first}_{last}", f"{last}+shop"])
    host = rng.choice(["gmail.com", "hotmail.com", "outlook.com", "uol.com.br", "web.de", "orange.fr", "libero.it", "ziggo.nl",
                       "sapo.pt", "empresa.com.br", "mail.example-shop.co.uk", "protonmail.com"])
    roll = rng.random()
    if roll < 0.06:
        at, dot = {"pt": (" arroba ", " ponto "), "es": (" arroba ", " punto ")}.get(lang[:2], (" at ", " dot "))
        return f"{first}{rng.randint(1, 99)}{at}{host.split('.')[0]}{dot}com", "spelled"
    if roll < 0.1:
        return f"{first}.{last} [at] {host}", "spelled"
    text = f"{local}@{host}"
    return (text.upper() if rng.random() < 0.05 else text), "formatted"


def username(rng, lang):
    first = fold(rng.choice(FIRST[lang].split())).lower()
    return rng.choice([f"{first}_{rng.randint(10, 9999)}", f"{first}.{rng.randint(1, 99)}", f"x{first}{rng.randint(1, 99)}x"]), "name"


def plate(rng, lang):
    u = lambda n: "".join(rng.choice("ABCDEFGHJKLMNPRSTVWXYZ") for _ in range(n))  # noqa: E731
    d = lambda n: numbers.digits(rng, n, "123456789")  # noqa: E731
    forms = {"pt-BR": [u(3) + d(1) + u(1) + d(2), u(3) + "-" + d(4)], "de": [rng.choice(["B", "M", "HH", "K"]) + "-" + u(2) + " " + d(3)],
             "fr": [u(2) + "-" + d(3) + "-" + u(2)], "it": [u(2) + " " + d(3) + " " + u(2), u(2) + d(3) + u(2)], "es": [d(4) + " " + u(3), d(4) + u(3)],
             "pt-PT": [u(2) + "-" + d(2) + "-" + u(2), d(2) + "-" + u(2) + "-" + d(2)], "nl": [u(2) + "-" + d(3) + "-" + u(1), d(1) + "-" + u(3) + "-" + d(2)],
             "en": [u(2) + d(2) + " " + u(3), d(1) + u(3) + d(3)]}
    return rng.choice(forms[lang]), "plate"
