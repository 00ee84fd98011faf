/* SPDX-License-Identifier: Apache-2.0 */
/* agreement_words - the words that agreement.c reads, folded, by what they do. */
#pragma once

/* clang-format off */

/* May stand before the word of assent. */
static const char *const fillers[] = {
	"oh", "ah", "well", "hmm", "um", "uh", "thanks", "thank you", "thank you so much", "great",
	"perfect", "awesome", "wonderful", "excellent", "nice", "hi", "hello", "and", "then", "so",
	"1", "obrigado", "obrigada", "ótimo", "gracias", "genial", "danke", "super", "merci", "grazie",
	"bene", "i see", "got it", "ah ok", NULL };

/* Open a sentence that agrees. */
static const char *const assents[] = {
	"yes", "yess", "yesss", "yeah", "yea", "yah", "yep", "yup", "yessir", "aye", "uh huh", "sure",
	"surely", "of course", "absolutely", "definitely", "certainly", "correct", "confirmed",
	"confirm", "agreed", "affirmative", "indeed", "exactly", "approved", "by all means", "👍", "✅",
	"sim", "claro", "com certeza", "certamente", "isso mesmo", "exatamente", "correto", "pode",
	"combinado", "fechado", "beleza",
	"sí", "si por favor", "por supuesto", "claro que sí", "correcto", "exacto", "adelante", "desde luego",
	"ja", "jawohl", "genau", "gerne", "natürlich", "selbstverständlich", "einverstanden", "korrekt",
	"klar", "oui", "ouais", "bien sûr", "absolument", "exactement", "d'accord", "volontiers",
	"sì", "certo", "certamente", "esatto", "volentieri", "assolutamente", NULL };

/* The same, only when a mark or the end follows ("Si, procede"; "si es posible" means if). */
static const char *const lone_assents[] = { "si", "y", "i do", "we do", "right", "vale", "va", "dale", "bom", NULL };

/* Open a sentence that agrees, unless it asks or only acknowledges. */
static const char *const weak_assents[] = {
	"ok", "okay", "okey", "okie", "alright", "all right", "fine", "very well", "tá bom", "está bem",
	"tudo bem", "certo", "está bien", "bueno", "in ordnung", "gut", "c'est bon", "entendu",
	"va bene", NULL };

static const char *const acknowledgements[] = {
	"i see", "i understand", "understood", "got it", "i get it", "makes sense", "that makes sense",
	"thanks for", "thank you for", "no", "entendi", "entiendo", "ich verstehe", "verstehe",
	"je comprends", "je vois", "capisco", "ho capito", NULL };

/* Agree anywhere in a sentence, unless negated, conditional or asked. */
static const char *const go_aheads[] = {
	"yes", "yeah", "yep", "go ahead", "going ahead", "proceed", "proceeding", "please do", "do it",
	"do so", "do that", "go for it", "carry on", "make it so", "let's do it", "let's do that",
	"let's do this", "let's book it", "sounds good", "sounds great", "sounds fine", "sounds perfect",
	"sounds right", "sounds correct", "all sounds", "looks good", "looks great", "looks fine", "looks perfect",
	"looks right", "looks correct", "look good", "look correct", "look right", "that works", "that'll work", "that will work",
	"that should be fine", "that would be great", "that would be good", "that would be perfect",
	"that would be fine", "that would be wonderful", "that'd be great", "please continue",
	"sounds like a plan", "it's a deal", "finalize the", "finalise the",
	"this works", "works for me", "that's fine", "that is fine", "this is fine", "it's fine",
	"that's ok", "that's okay", "that is ok", "that is okay", "it's ok", "it's okay", "fine with me",
	"fine by me", "fine with that", "okay with", "ok with", "fine with", "good with", "happy with",
	"that's correct", "that is correct", "this is correct", "is correct", "are correct", "all correct",
	"that's right", "that is right", "is right", "that's acceptable", "is acceptable", "all good", "good to go",
	"i agree", "i accept", "i approve", "i consent", "i confirm", "i can confirm", "i do confirm",
	"i hereby confirm", "like to confirm", "want to confirm", "confirm the booking",
	"confirm my booking", "confirm the change", "confirm the changes", "confirm the reservation",
	"confirm the cancellation", "confirm it", "confirmed", "finalize it", "you may", "you have my permission",
	"you have my approval", "👍", "✅",
	"pode fazer", "pode prosseguir", "pode seguir", "pode continuar", "pode confirmar", "pode reservar",
	"pode cancelar", "pode alterar", "pode ser", "prossiga", "prosseguir", "siga em frente", "vá em frente",
	"vamos em frente", "eu confirmo", "confirmo", "concordo", "aceito", "está certo", "está correto",
	"por mim tudo bem", "faça isso", "de acordo",
	"proceda", "procede", "procedan", "proceder", "adelante", "de acuerdo", "acepto", "hazlo", "hágalo",
	"está bien", "está correcto", "me parece bien", "continúe", "sí",
	"fahren sie fort", "machen sie das", "mach das", "tun sie das", "legen sie los", "nur zu",
	"ich bestätige", "ich stimme zu", "bestätigt", "einverstanden", "passt so", "das passt",
	"klingt gut", "in ordnung", "ja bitte",
	"allez y", "vas y", "procédez", "faites le", "je confirme", "je suis d'accord", "j'accepte",
	"ça marche", "c'est bon", "c'est correct", "ça me va", "continuez",
	"procedi", "procedere", "procediamo", "faccia pure", "vai avanti", "vada avanti", "confermo",
	"accetto", "d'accordo", "mi va bene", "va bene", NULL };

/* Before a go-ahead in its clause they undo it. */
static const char *const undoers[] = {
	"not", "don't", "dont", "doesn't", "didn't", "isn't", "aren't", "won't", "wouldn't", "can't",
	"cannot", "couldn't", "never", "no", "nothing", "without", "before", "until", "unless", "if",
	"when", "once", "after", "whether", "how", "what", "why", "which", "refuse", "hesitant", "instead of",
	"não", "nao", "nunca", "antes", "se", "quando", "sem", "como", "nunca", "sin", "cuando", "cómo",
	"nicht", "nie", "kein", "keine", "bevor", "wenn", "falls", "ob", "ohne", "wie",
	"ne", "n'est", "pas", "jamais", "avant", "quand", "sans", "comment",
	"non", "mai", "prima", "quando", "senza", NULL };

/* Where the look back from a go-ahead for an undoer ends. */
static const char *const clause_openers[] = {
	"so", "and", "but", "then", "please", "i want", "i still want", "i'd like", "i'd still like",
	"i would like", "e", "mas", "então", "pero", "entonces", "und", "aber",
	"dann", "bitte", "et", "mais", "alors", "ma", "allora", "por favor", NULL };

/* Open a question or a polite request. */
static const char *const askers[] = {
	"can", "could", "would", "will", "may", "shall", "should", "is", "are", "do", "does", "did",
	"what", "how", "why", "when", "which", "who", "where", "am", "have", "has",
	"podemos", "poderia", "pode", "você", "qual", "quanto", "puede", "puedes", "podría", "cuál",
	"können", "könnten", "kann", "soll", "sollen", "was", "wie", "pouvez", "pourriez", "peut",
	"est", "quel", "può", "potrebbe", "puoi", "quale", NULL };

/* "could you", "can we": a request also without a question mark. */
static const char *const requests[] = {
	"could you", "can you", "would you", "will you", "could we", "can we", "could i", "can i",
	"may i", "may we", "should we", "should i", "shall we", "do you", "poderia", "você pode",
	"puede usted", "podría", "können sie", "könnten sie", "kannst du", "könntest du", "pouvez vous",
	"pourriez vous", "potrebbe", "può", "puoi", NULL };

/* Hold anywhere in a sentence. */
static const char *const holds[] = {
	"not yet", "hold on", "hold off", "never mind", "nevermind", "actually no", "on second thought",
	"changed my mind", "let me think", "let me check", "need to think", "please wait",
	"don't proceed", "don't go ahead", "don't book", "don't cancel", "don't change", "don't do",
	"don't make", "don't update", "don't modify", "don't charge", "don't upgrade",
	"do not proceed", "do not go ahead", "do not book", "do not cancel", "do not change", "do not do",
	"do not make", "do not update", "do not modify", "do not charge", "do not upgrade",
	"don't want to proceed", "don't want you to", "not to proceed", "rather not",
	"ainda não", "não faça", "não prossiga", "não reserve", "não cancele", "espere", "deixa eu pensar",
	"mudei de ideia", "todavía no", "aún no", "no proceda", "no lo haga", "no lo hagas", "espera",
	"déjame pensar", "noch nicht", "warten sie", "moment mal", "lieber nicht", "pas encore",
	"attendez", "attends", "n'allez pas", "non ancora", "aspetti", "aspetta", "non procedere", NULL };

/* Hold where a clause begins. */
static const char *const clause_holds[] = {
	"wait", "stop", "but wait", "but not", "but don't", "but first", "but before", "before you",
	"before we proceed", "before we book", "before we do", "before proceeding", "before booking",
	"before going ahead", "mas antes", "mas espere", "antes de", "pero antes", "aber erst",
	"aber nicht", "bevor sie", "mais avant", "avant de", "ma prima", "prima di", NULL };
/* clang-format on */
