/* SPDX-License-Identifier: Apache-2.0 */
/* words - a sorted table of context words and the ways to look at it. */
#include <assert.h>
#include <string.h>

#include "redact/layer.h"
#include "redact/words.h"

#define MAX_WORD 24
#define MAX_KEY 64

#define T(type) WORD_TYPE(type)

struct word {
	const char *text;
	uint64_t types;
};

/* Words in prose and parts of keys; sorted by bytes. */
static const struct word prose[] = {
	{ "amex", T(CARD) },
	{ "apikey", WORD_MAYBE_SECRET },
	{ "authorization", WORD_MAYBE_SECRET },
	{ "bestellung", WORD_OTHER_NUMBER },
	{ "build", WORD_VERSION },
	{ "call", T(PHONE) },
	{ "card", T(CARD) },
	{ "cartao", T(CARD) },
	{ "carte", T(CARD) },
	{ "cartão", T(CARD) },
	{ "cc", T(CARD) },
	{ "cell", T(PHONE) },
	{ "celular", T(PHONE) },
	{ "cep", T(POSTAL_CODE) },
	{ "clave", T(SECRET) },
	{ "cnpj", T(CNPJ) },
	{ "contraseña", T(SECRET) },
	{ "contribuinte", T(CPF) },
	{ "cpf", T(CPF) },
	{ "credential", WORD_MAYBE_SECRET },
	{ "credentials", WORD_MAYBE_SECRET },
	{ "crédito", T(CARD) },
	{ "débito", T(CARD) },
	{ "ein", T(EIN) },
	{ "email", T(EMAIL) },
	{ "emails", T(EMAIL) },
	{ "empresa", T(CNPJ) },
	{ "fax", T(PHONE) },
	{ "fone", T(PHONE) },
	{ "handy", T(PHONE) },
	{ "iban", T(IBAN) },
	{ "invoice", WORD_OTHER_NUMBER },
	{ "ip", T(IP) },
	{ "ipv4", T(IP) },
	{ "ipv6", T(IP) },
	{ "itin", T(ITIN) },
	{ "kennwort", T(SECRET) },
	{ "key", WORD_MAYBE_SECRET },
	{ "kreditkarte", T(CARD) },
	{ "maestro", T(CARD) },
	{ "mail", T(EMAIL) },
	{ "mastercard", T(CARD) },
	{ "mdp", T(SECRET) },
	{ "mobile", T(PHONE) },
	{ "movil", T(PHONE) },
	{ "móvil", T(PHONE) },
	{ "order", WORD_OTHER_NUMBER },
	{ "pan", T(CARD) },
	{ "pass", WORD_MAYBE_SECRET },
	{ "passphrase", T(SECRET) },
	{ "passwd", T(SECRET) },
	{ "password", T(SECRET) },
	{ "passwort", T(SECRET) },
	{ "pedido", WORD_OTHER_NUMBER },
	{ "phone", T(PHONE) },
	{ "phones", T(PHONE) },
	{ "portable", T(PHONE) },
	{ "protocolo", WORD_OTHER_NUMBER },
	{ "pwd", T(SECRET) },
	{ "ramal", T(PHONE) },
	{ "release", WORD_VERSION },
	{ "secret", T(SECRET) },
	{ "senha", T(SECRET) },
	{ "sig", WORD_MAYBE_SECRET },
	{ "signature", WORD_MAYBE_SECRET },
	{ "sms", T(PHONE) },
	{ "social", T(SSN) },
	{ "ssn", T(SSN) },
	{ "tarjeta", T(CARD) },
	{ "taxpayer", T(ITIN) },
	{ "tel", T(PHONE) },
	{ "telefon", T(PHONE) },
	{ "telefone", T(PHONE) },
	{ "telefono", T(PHONE) },
	{ "telephone", T(PHONE) },
	{ "teléfono", T(PHONE) },
	{ "ticket", WORD_OTHER_NUMBER },
	{ "token", WORD_MAYBE_SECRET },
	{ "tracking", WORD_OTHER_NUMBER },
	{ "tél", T(PHONE) },
	{ "téléphone", T(PHONE) },
	{ "ver", WORD_VERSION },
	{ "versao", WORD_VERSION },
	{ "version", WORD_VERSION },
	{ "versão", WORD_VERSION },
	{ "visa", T(CARD) },
	{ "whatsapp", T(PHONE) },
	{ "zap", T(PHONE) },
	{ "zip", T(POSTAL_CODE) },
};

/* Whole keys, letters only; sorted. */
static const struct word keys[] = {
	{ "accesskey", WORD_MAYBE_SECRET },
	{ "accesstoken", WORD_MAYBE_SECRET },
	{ "address", T(ADDRESS) },
	{ "addressline", T(ADDRESS) },
	{ "birthdate", T(DATE_OF_BIRTH) },
	{ "birthday", T(DATE_OF_BIRTH) },
	{ "cardholder", T(PERSON) },
	{ "cardholdername", T(PERSON) },
	{ "clientsecret", T(SECRET) },
	{ "contactname", T(PERSON) },
	{ "customername", T(PERSON) },
	{ "datadenascimento", T(DATE_OF_BIRTH) },
	{ "datanascimento", T(DATE_OF_BIRTH) },
	{ "dateofbirth", T(DATE_OF_BIRTH) },
	{ "dob", T(DATE_OF_BIRTH) },
	{ "endereco", T(ADDRESS) },
	{ "familyname", T(PERSON) },
	{ "fechadenacimiento", T(DATE_OF_BIRTH) },
	{ "firstname", T(PERSON) },
	{ "fullname", T(PERSON) },
	{ "geburtsdatum", T(DATE_OF_BIRTH) },
	{ "givenname", T(PERSON) },
	{ "lastname", T(PERSON) },
	{ "mac", T(MAC) },
	{ "macaddress", T(MAC) },
	{ "middlename", T(PERSON) },
	{ "nascimento", T(DATE_OF_BIRTH) },
	{ "nomecompleto", T(PERSON) },
	{ "passengername", T(PERSON) },
	{ "patientname", T(PERSON) },
	{ "postalcode", T(POSTAL_CODE) },
	{ "postcode", T(POSTAL_CODE) },
	{ "privatekey", T(SECRET) },
	{ "recipientname", T(PERSON) },
	{ "refreshtoken", WORD_MAYBE_SECRET },
	{ "secretkey", T(SECRET) },
	{ "sobrenome", T(PERSON) },
	{ "street", T(ADDRESS) },
	{ "streetaddress", T(ADDRESS) },
	{ "surname", T(PERSON) },
	{ "zip", T(POSTAL_CODE) },
	{ "zipcode", T(POSTAL_CODE) },
};

static const struct word bland[] = {
	{ "default", 1 },
	{ "full", 1 },
	{ "home", 1 },
	{ "main", 1 },
	{ "mobile", 1 },
	{ "number", 1 },
	{ "numero", 1 },
	{ "primary", 1 },
	{ "raw", 1 },
	{ "secondary", 1 },
	{ "text", 1 },
	{ "value", 1 },
	{ "work", 1 },
};

#undef T

static uint64_t
look_up(const struct word *table, size_t n, const uint8_t *word, size_t len)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const char *candidate = table[middle].text;
		int order = strncmp(candidate, (const char *)word, len);

		if (order == 0 && candidate[len] != '\0')
			order = 1;
		if (order == 0)
			return table[middle].types;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

#define LOOK_UP(table, word, len) look_up(table, sizeof(table) / sizeof((table)[0]), word, len)

static bool
is_word_byte(uint8_t c)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= 0xC3 && c < LAYER_BREAK) ||
	    (c >= 0x80 && c < 0xC0);
}

static bool
is_capital(uint8_t c)
{
	return c >= 'A' && c <= 'Z';
}

/* Adds up what the words of a stretch of text say.  A word also ends where a capital follows a
 * small letter ("phoneNumber"). */
static uint64_t
words_in(const uint8_t *text, size_t len)
{
	uint8_t word[MAX_WORD];
	size_t n = 0;
	uint64_t types = 0;

	for (size_t i = 0; i <= len; i++) {
		bool is_inside = i < len && is_word_byte(text[i]);
		bool is_split =
		    is_inside && n > 0 && is_capital(text[i]) && !is_capital(text[i - 1]);

		if ((!is_inside || is_split) && n > 0) {
			types |= LOOK_UP(prose, word, n);
			n = 0;
		}
		if (is_inside && n < MAX_WORD)
			word[n++] = is_capital(text[i]) ? text[i] | 0x20 : text[i];
	}
	return types;
}

uint64_t
words_before(const uint8_t *text, size_t floor, size_t at)
{
	size_t from = at;
	int lines = 0;

	while (from > floor && at - from < WORDS_BEFORE && text[from - 1] != LAYER_BREAK) {
		if (text[from - 1] == '\n' && ++lines == 2)
			break;
		from--;
	}
	/* Not the tail of a word that was cut. */
	if (from > floor && text[from - 1] != LAYER_BREAK)
		while (from < at && is_word_byte(text[from]))
			from++;
	return words_in(text + from, at - from);
}

/* The letters of a key, in lower case. */
static size_t
letters_of(const uint8_t *key, size_t len, uint8_t ret_letters[static MAX_KEY])
{
	size_t n = 0;

	for (size_t i = 0; i < len && n < MAX_KEY; i++)
		if (is_word_byte(key[i]))
			ret_letters[n++] = is_capital(key[i]) ? key[i] | 0x20 : key[i];
	return n;
}

uint64_t
words_of_key(const uint8_t *key, size_t len)
{
	uint8_t letters[MAX_KEY];
	size_t n;

	if (len > MAX_KEY)
		return 0;
	n = letters_of(key, len, letters);
	return words_in(key, len) | LOOK_UP(keys, letters, n) | LOOK_UP(prose, letters, n);
}

bool
words_is_bland_key(const uint8_t *key, size_t len)
{
	uint8_t letters[MAX_KEY];

	return len <= MAX_KEY && LOOK_UP(bland, letters, letters_of(key, len, letters)) != 0;
}
