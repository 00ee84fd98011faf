/* SPDX-License-Identifier: Apache-2.0 */
/* prose - what people, agents and programs write when nobody's data is in it. */
#include "prose.h"

static const char *const en[] = {
	"Thanks for getting in touch, I can see that the order {d6} left our warehouse yesterday. ",
	"The refund takes between three and five working days, depending on your bank. ",
	"Could you please tell me which of the two plans you would like to keep? ",
	"I have been waiting for almost two weeks and nobody has answered my messages. ",
	"The town lies on the northern bank of the river and has about {d2},{d3} inhabitants. ",
	"If the device does not start, hold the power button for ten seconds and try again.\n",
	"Our policy allows a change of date up to 24 hours before departure, for a fee of ${d2}.{d2}. ",
	"She studied law before turning to painting, and her early work was shown in 19{d2}. ",
	"That is a good question: the short answer is no, the long answer is that it depends. ",
	"1. Open the settings\n2. Choose \"Privacy\"\n3. Turn the switch off\n",
	"Version {d1}.{d2}.{d1} fixes the crash when a file with more than {d4} rows is opened. ",
	"Let me check that for you, it will only take a moment... ",
	"The museum is open from 10:00 to 18:30 except on Mondays and public holidays. ",
	"I understand that this is frustrating, and I am sorry for the trouble it has caused. ",
	"The second half of the report compares sales of {d1},{d3},{d3} units with the year before. ",
	"You don't need to do anything else; we'll e-mail you as soon as it's ready. ",
	"The committee met on {d1} March 2026 and agreed on a budget of {d2}.{d1} million. ",
	"Most of the bugs that we saw last week were caused by a missing check for null. ",
	"**Note:** the offer ends on 2026-0{d1}-1{d1} and cannot be combined with others.\n\n",
	"Flight HAT{d3} is delayed by 45 minutes, the gate will be announced at 17:{d2}. ",
};

static const char *const pt[] = {
	"Obrigado pelo contato, o pedido {d6} saiu do nosso depósito ontem à tarde. ",
	"O estorno leva de três a cinco dias úteis, dependendo do seu banco. ",
	"Você poderia me dizer qual dos dois planos gostaria de manter? ",
	"Estou esperando há quase duas semanas e ninguém respondeu às minhas mensagens. ",
	"A cidade fica na margem norte do rio e tem cerca de {d2}.{d3} habitantes. ",
	"Se o aparelho não ligar, segure o botão por dez segundos e tente de novo.\n",
	"A troca de data custa R$ {d2},{d2} e pode ser feita até 24 horas antes da partida. ",
	"Ela estudou direito antes de se dedicar à pintura, e expôs pela primeira vez em 19{d2}. ",
	"Essa é uma boa pergunta: a resposta curta é não, a longa é que depende. ",
	"1. Abra as configurações\n2. Escolha \"Privacidade\"\n3. Desligue a opção\n",
	"Um momento, por favor, vou verificar isso para você agora mesmo... ",
	"O museu abre das 10h às 18h30, exceto às segundas-feiras e feriados. ",
	"A reunião do dia {d1} de março de 2026 aprovou um orçamento de {d2},{d1} milhões. ",
	"Não precisa fazer mais nada; avisaremos assim que estiver pronto. ",
	"A maioria dos erros que vimos na semana passada vinha de uma verificação que faltava. ",
};

static const char *const es[] = {
	"Gracias por escribirnos, el pedido {d6} salió ayer de nuestro almacén. ",
	"El reembolso tarda entre tres y cinco días hábiles, según su banco. ",
	"¿Podría decirme con cuál de los dos planes le gustaría quedarse? ",
	"Llevo casi dos semanas esperando y nadie ha contestado a mis mensajes. ",
	"La ciudad está en la orilla norte del río y tiene unos {d2}.{d3} habitantes. ",
	"Si el aparato no enciende, mantenga pulsado el botón diez segundos.\n",
	"El cambio de fecha cuesta {d2},{d2} € y se puede pedir hasta 24 horas antes. ",
	"El museo abre de 10:00 a 18:30, salvo los lunes y los días festivos. ",
	"La comisión se reunió el {d1} de marzo de 2026 y aprobó el presupuesto. ",
};

static const char *const de[] = {
	"Vielen Dank für Ihre Nachricht, die Bestellung {d6} hat gestern unser Lager verlassen. ",
	"Die Erstattung dauert je nach Bank drei bis fünf Werktage. ",
	"Könnten Sie mir bitte sagen, welchen der beiden Tarife Sie behalten möchten? ",
	"Ich warte seit fast zwei Wochen, und niemand hat auf meine Nachrichten geantwortet. ",
	"Die Stadt liegt am nördlichen Ufer des Flusses und hat etwa {d2}.{d3} Einwohner. ",
	"Wenn das Gerät nicht startet, halten Sie die Taste zehn Sekunden lang gedrückt.\n",
	"Die Umbuchung kostet {d2},{d2} € und ist bis 24 Stunden vor der Abfahrt möglich. ",
	"Das Museum ist außer montags täglich von 10:00 bis 18:30 Uhr geöffnet. ",
	"Der Ausschuss trat am {d1}. März 2026 zusammen und beschloss den Haushalt. ",
};

static const char *const fr[] = {
	"Merci de votre message, la commande {d6} a quitté notre entrepôt hier. ",
	"Le remboursement prend de trois à cinq jours ouvrés selon votre banque. ",
	"Pourriez-vous me dire lequel des deux forfaits vous souhaitez garder ? ",
	"J'attends depuis presque deux semaines et personne n'a répondu à mes messages. ",
	"La ville se trouve sur la rive nord du fleuve et compte environ {d2} {d3} habitants. ",
	"Si l'appareil ne démarre pas, maintenez le bouton appuyé dix secondes.\n",
	"Le changement de date coûte {d2},{d2} € et reste possible jusqu'à 24 heures avant. ",
	"Le musée est ouvert de 10 h à 18 h 30, sauf le lundi et les jours fériés. ",
	"La commission s'est réunie le {d1} mars 2026 et a voté le budget. ",
};

static const char *const code[] = {
	"```python\nimport os\nfrom app.models import Order\n\n\n@app.route(\"/orders/<int:number>\")\n"
	"def show(number):\n    order = Order.query.get(number)\n    if order is None:\n"
	"        return {\"error\": \"no such order\"}, 404\n    total = sum(i.price * 1.2{d1} for i in "
	"order.items)\n    return {\"id\": order.id, \"total\": round(total, 2)}\n```\n",
	"```javascript\nimport { useState } from 'react';\n\nexport const Counter = ({ start = {d1} }) => "
	"{\n  const [n, setN] = useState(start);\n  useEffect(() => { document.title = `count ${n}`; }, "
	"[n]);\n  return <button onClick={() => setN(n + 1)}>{n}</button>;\n};\n```\n",
	"```sql\nselect c.id, count(*) as orders, sum(o.amount) from customers c\n  join orders o on "
	"o.customer_id = c.id\n where o.placed_at >= '2026-0{d1}-01' group by c.id having count(*) > {d1}"
	";\n```\n",
	"```c\nfor (size_t i = 0; i < n && list[i].key != key; i++)\n\tsum += (uint64_t)list[i].value << "
	"{d1} | 0x{h8};\nreturn sum % 1000000007;\n```\n",
	"```yaml\nservices:\n  web:\n    image: registry/app:{d1}.{d2}.{d1}\n    ports: [\"80{d2}:80\"]\n"
	"    environment:\n      LOG_LEVEL: debug\n      COMMIT: {h40}\n```\n",
};

static const char *const logs[] = {
	"2026-11-1{d1}T10:{d2}:0{d1}.{d3}Z INFO  [worker-{d1}] request_id={h8}-{h4}-4{h3}-a{h3}-{h12} "
	"method=GET path=/v1/orders/{d6} status=200 bytes={d5} duration_ms={d2}\n",
	"2026-11-1{d1}T10:{d2}:0{d1}.{d3}Z WARN  [worker-{d1}] retry 2 of 5 for job {h24}: timeout after "
	"30000 ms, ts=17{d8}{d3}\n",
	"at com.example.shop.Checkout.pay(Checkout.java:{d3})\n\tat java.base/java.lang.Thread.run("
	"Thread.java:{d3})\n",
};

#define PROSE(list, share)                                  \
	{                                                   \
		list, sizeof(list) / sizeof(list[0]), share \
	}

const struct prose prose_languages[PROSE_LANGUAGES] = {
	PROSE(en, 40),
	PROSE(pt, 30),
	PROSE(es, 10),
	PROSE(de, 10),
	PROSE(fr, 10),
};
const struct prose prose_code = PROSE(code, 12);
const struct prose prose_logs = PROSE(logs, 5);
