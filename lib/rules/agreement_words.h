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
	"sure thing", "surely", "of course", "absolutely", "definitely", "certainly", "confirmed", "agreed", "affirmative", "indeed", "exactly", "approved", "by all means", "👍", "✅",
	"sim", "claro", "com certeza", "certamente", "isso mesmo", "exatamente", "correto", "pode",
	"combinado", "fechado", "beleza",
	"sí", "si por favor", "por supuesto", "claro que sí", "correcto", "exacto", "adelante", "desde luego",
	"ja", "jawohl", "genau", "gerne", "natürlich", "selbstverständlich", "einverstanden", "korrekt",
	"klar", "oui", "ouais", "bien sûr", "absolument", "exactement", "d'accord", "volontiers",
	"sì", "certo", "certamente", "esatto", "volentieri", "assolutamente", NULL };

/* The same, only when a mark or the end follows ("Si, procede"; "si es posible" means if). */
static const char *const lone_assents[] = {
	"si", "y", "ya", "k", "kk", "i do", "we do", "right", "correct", "correct please", "confirm",
	"confirm please", "please confirm", "deal", "fine", "fine then", "i'm sure", "i am sure",
	"i'd like that", "i would like that", "perfect please", "continue", "please continue",
	"continue please", "go on", "that's perfect", "vale", "va", "dale", "bom", "vamos lá", "passt", NULL };

/* Open a sentence that agrees, unless it asks or only acknowledges. */
static const char *const weak_assents[] = {
	"ok", "okay", "okey", "okie", "alright", "all right", "very well", "tá bom", "está bem",
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
	"that's right", "that is right", "is right", "thats fine", "thats ok", "thats okay", "thats right",
	"thats correct", "it's correct", "it's right", "it's good", "it's all good", "it's perfect",
	"it is fine", "it is ok", "it is okay", "it is good", "it is perfect", "is fine", "is good with me",
	"go through with", "and agree", "lets do it", "lets book it", "lets proceed", "that's acceptable", "is acceptable", "all good", "good to go",
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
	"ça marche", "c'est bon", "c'est correct", "ça me va", "ça me convient", "continuez",
	"procedi", "procedere", "procediamo", "faccia pure", "vai avanti", "vada avanti", "confermo",
	"accetto", "d'accordo", "mi va bene", "va bene", NULL };

/* Before a go-ahead in its clause they undo it. */
static const char *const undoers[] = {
	"not", "don't", "dont", "doesn't", "didn't", "isn't", "aren't", "won't", "wouldn't", "can't",
	"cannot", "couldn't", "never", "no", "nothing", "without", "before", "until", "unless", "if",
	"when", "once", "after", "whether", "how", "what", "why", "which", "refuse", "hesitant", "instead of",
	"told", "said", "say", "thought", "rather than",
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
	"think about it", "think about this", "think it over", "get back to you", "confirm later", "only if",
	"yeah no", "before proceeding", "before you proceed", "before we proceed", "before i proceed",
	"before i confirm", "before confirming", "before going ahead", "but what", "but how", "but why",
	"but which", "but when", "but tell me", "but let me", "but i need to know", "but i want to know",
	"but i'd like to know", "but i have a question", "but can you tell", "but could you tell",
	"but can you check", "but could you check", "but can you let me", "but could you let me",
	"don't proceed", "don't go ahead", "don't book", "don't cancel", "don't change", "don't do",
	"don't make", "don't update", "don't modify", "don't charge", "don't upgrade",
	"do not proceed", "do not go ahead", "do not book", "do not cancel", "do not change", "do not do",
	"do not make", "do not update", "do not modify", "do not charge", "do not upgrade",
	"don't want to proceed", "don't want you to", "not to proceed", "rather not",
	"ainda não", "claro que não", "de jeito nenhum", "mas quanto", "não faça", "não prossiga", "não reserve", "não cancele", "espere", "deixa eu pensar",
	"mudei de ideia", "todavía no", "aún no", "claro que no", "por supuesto que no", "de ninguna manera", "pero cuánto", "no proceda", "no lo haga", "no lo hagas", "espera",
	"déjame pensar", "noch nicht", "natürlich nicht", "auf keinen fall", "aber wie", "warten sie", "moment mal", "lieber nicht", "pas encore", "bien sûr que non",
	"mais combien", "attendez", "attends", "n'allez pas", "non ancora", "aspetti", "aspetta", "non procedere", NULL };

/* Hold where a clause begins. */
static const char *const clause_holds[] = {
	"wait", "stop", "but wait", "but not", "but don't", "but first", "but before", "before you",
	"before we proceed", "before we book", "before we do", "before proceeding", "before booking",
	"before going ahead", "mas antes", "mas espere", "antes de", "pero antes", "aber erst",
	"aber nicht", "bevor sie", "mais avant", "avant de", "ma prima", "prima di", NULL };

/* Right behind the word of assent they turn it around ("absolutely not", "yes or no", "sure about"). */
static const char *const spoilers[] = {
	"not", "or", "about", "nicht", "não", "nao", "pas", NULL };

/* Open a question of fact: "Sure, what does it cost?" asks, "Yes, could you use my card?" agrees. */
static const char *const interrogatives[] = {
	"what", "what's", "how", "why", "which", "when", "where", "who", "quanto", "quanta", "qual", "quais",
	"como", "cuánto", "cuál", "cómo", "qué", "was", "wie", "welche", "wann", "combien", "quel", "quelle",
	"comment", "quale", NULL };

/* May stand between the assent and what it lets the agent do. */
static const char *const leads[] = {
	"please", "but", "and", "with", "to", "can you", "could you", "would you", "go ahead and", "let's",
	"por favor", "mas", "pero", "bitte", "aber", "mais", "ma", NULL };

/* Only look something up: agreeing to that is no yes to a change. */
static const char *const look_ups[] = {
	"tell", "check", "search", "searching", "look", "looking", "find", "finding", "show", "list", "explain",
	"calculate", "calculating", "see if", "let me know", "give me", "verifique", "procure", "busca", "busque",
	"prüfen", "suchen", "vérifiez", "cherchez", NULL };

/* Answer another question: "Yes, I have my booking number". */
static const char *const holdings[] = {
	"i have it", "i have my", "i have the", "i have a", "i have that", "i have them", "i do have",
	"tenho o", "tenho a", "tengo el", "tengo la", "ich habe", "j'ai", "ho il", "ho la", NULL };

/* Hand over what was asked for: "Sure, it's ABC123". */
static const char *const hand_outs[] = {
	"it's", "it is", "its", "here is", "here's", "here are", "here it is", "here you go",
	"i can provide", "é",
	"aqui está", "es", "aquí está", "es ist", "hier ist", "c'est", "voici", "ecco", "è", NULL };

static const char *const owners[] = {
	"my", "the", "our", "meu", "minha", "o", "a", "mi", "el", "la", "meine", "die", "mein", "mon", "ma", "le",
	"il", NULL };

static const char *const particulars[] = {
	"id", "ids", "number", "numbers", "code", "name", "email", "mail", "phone", "address", "birthday", "birth",
	"account", "username", "reservation", "booking", "order", "profile", "login", "reason", "número", "código",
	"nome", "reserva", "conta", "nombre", "cuenta", "nummer", "name", "buchung", "konto", "numéro", "nom",
	"réservation", "compte", "numero", "codice", "prenotazione", NULL };

/* By themselves an answer to a question for confirmation. */
static const char *const plain_yes[] = {
	"yes", "yeah", "yep", "yup", "sim", "sí", "ja", "oui", "sì", NULL };

/* Give the order that was asked for ("Shall I book it?", "Please book it."). */
static const char *const orders[] = {
	"book it", "book them", "book that", "book this", "cancel it", "cancel them", "cancel both",
	"change it", "update it", "process it", "finalize", "finalise", "make the booking", "make the change",
	"make the changes", "make that change", "make those changes", "complete the", "submit it", "place it",
	"place the order", "pode reservar", "pode cancelar", "reserve", "cancele", "resérvalo", "cancélalo",
	"buchen", "stornieren", "réservez", "annulez", "prenoti", NULL };

/* The agent asks for a yes. */
static const char *const asks_for_yes[] = {
	"would you like to proceed", "if you would like to proceed", "if you'd like to proceed",
	"if you want to proceed", "if you wish to proceed", "do you want to proceed", "like me to proceed",
	"would you like me to", "shall i", "should i", "do you want me to",
	"want me to", "like to proceed with this", "like to proceed with these", "please confirm if",
	"please confirm that", "please confirm to", "please confirm these", "please confirm this",
	"please confirm the details", "please confirm whether", "please confirm so", "confirm yes", "do you confirm",
	"have your confirmation", "is that correct", "is this correct", "are these correct", "may i proceed",
	"can i proceed", "do you agree", "yes to proceed", "yes no", "reply yes", "proceed yes", "is that okay",
	"is that ok", "does that work", "sound good", "go ahead", "posso prosseguir", "posso confirmar",
	"posso reservar", "posso cancelar", "deseja prosseguir", "confirma", "desea proceder", "desea que",
	"quiere que", "procedo", "soll ich", "möchten sie", "darf ich", "voulez vous", "souhaitez vous",
	"dois je", "confirmez vous", "devo procedere", "vuole procedere", "conferma", NULL };
/* clang-format on */
