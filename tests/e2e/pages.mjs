// SPDX-License-Identifier: Apache-2.0
// One journey through the pages in Chromium: `node pages.mjs NAME`; exits 1 with the reason when the
// claim does not hold.  RENDFLY_URL, RENDFLY_EMAIL, RENDFLY_PASSWORD and CHROMIUM say where and who.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const AXE = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const { chromium } = require('playwright-core');
const { RENDFLY_URL: URL_BASE, RENDFLY_EMAIL: EMAIL, RENDFLY_PASSWORD: PASSWORD, CHROMIUM } = process.env;
const HOST = new URL(URL_BASE).host;

const LIST_ROW = 'main a[href^="/conversations/"]';

async function logIn(page) {
	await page.goto('/login');
	await page.getByLabel('E-mail address').fill(EMAIL);
	await page.getByLabel('Password').fill(PASSWORD);
	await page.getByRole('button', { name: 'Log in' }).click();
	await page.waitForURL((url) => url.pathname === '/');
	await page.getByRole('heading', { level: 1 }).waitFor();
}

async function openJudged(page) {
	await logIn(page);
	await page.goto('/conversations?verdict=fail');
	await page.locator(LIST_ROW).first().click();
	await page.getByRole('heading', { name: 'Verdicts' }).waitFor();
}

async function tabTo(page, isThere, limit = 60) {
	for (let i = 0; i < limit; i++) {
		await page.keyboard.press('Tab');
		if (await page.evaluate(isThere)) return;
	}
	assert.fail('the Tab key never reached it');
}

/** Text whose contrast with what is behind it is under AA. */
function faintTexts() {
	const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
	const rgba = (color) => {
		canvas.clearRect(0, 0, 1, 1);
		canvas.fillStyle = color;
		canvas.fillRect(0, 0, 1, 1);
		return [...canvas.getImageData(0, 0, 1, 1).data];
	};
	const light = ([r, g, b]) => {
		const [R, G, B] = [r, g, b].map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
		return 0.2126 * R + 0.7152 * G + 0.0722 * B;
	};
	const behind = (element) => {
		for (let e = element; e; e = e.parentElement) {
			const color = rgba(getComputedStyle(e).backgroundColor);
			if (color[3] === 255) return color;
		}
		return rgba(getComputedStyle(document.documentElement).backgroundColor);
	};
	const faint = [];
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let node = walker.nextNode(); node; node = walker.nextNode()) {
		const element = node.parentElement;
		const style = getComputedStyle(element);
		if (!node.data.trim() || !element.checkVisibility() || style.clipPath !== 'none') continue;
		if (element.closest('[disabled], .visually-hidden, script, noscript')) continue;
		const [a, b] = [light(rgba(style.color)), light(behind(element))];
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		const size = parseFloat(style.fontSize);
		if (ratio < (size >= 24 ? 3 : 4.5)) faint.push(`${node.data.trim().slice(0, 40)}: ${ratio.toFixed(2)}`);
	}
	return faint;
}

function structureFaults() {
	const faults = [];
	const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);
	const nameOf = (e) => e.getAttribute('aria-label') || e.textContent.trim() || e.title;
	if (document.querySelectorAll('h1').length !== 1) faults.push('not one h1');
	if (document.querySelectorAll('main').length !== 1) faults.push('not one main');
	if (!document.title.includes('rendfly')) faults.push('no title');
	if (document.documentElement.lang !== 'en') faults.push('no language');
	if (new Set(ids).size !== ids.length) faults.push('an id twice');
	for (const e of document.querySelectorAll('button, a'))
		if (!nameOf(e)) faults.push(`no name: ${e.outerHTML.slice(0, 80)}`);
	for (const e of document.querySelectorAll('input, select'))
		if (e.labels.length === 0) faults.push(`no label: ${e.outerHTML.slice(0, 80)}`);
	return faults;
}

const PAGES = ['/', '/conversations', '/rules', '/keys', '/redaction', '/audit'];

async function eachPage(page, visit) {
	await page.goto('/login');
	await page.getByLabel('Password').waitFor();
	await visit('/login');
	await openJudged(page);
	await visit('a conversation');
	await page.getByRole('list', { name: 'Evidence' }).getByRole('button').first().click();
	await page.waitForFunction(() => document.activeElement?.id.startsWith('message-'));
	await visit('a conversation, at its evidence');
	for (const path of PAGES) {
		await page.goto(path);
		await page.getByRole('heading', { level: 1 }).waitFor();
		await page.waitForLoadState('networkidle');
		await visit(path);
	}
}

const scenarios = {
	async a_person_logs_in_and_sees_the_score(page) {
		await logIn(page);
		await page.getByRole('heading', { name: 'Rules kept' }).waitFor();
		await page.getByRole('heading', { name: 'Captures' }).waitFor();
		assert.match(await page.locator('.score').first().innerText(), /^(\d+(\.\d)? %|–)$/);
	},

	async a_verdict_leads_to_the_words_it_rests_on(page) {
		await openJudged(page);
		const evidence = page.getByRole('list', { name: 'Evidence' }).getByRole('button').first();
		const position = /#(\d+)/.exec(await evidence.innerText())[1];
		await evidence.click();
		const message = page.locator(`#message-${position}`);
		await message.locator('mark, code.isNamed, .text, details').first().waitFor();
		await page.waitForFunction((id) => document.activeElement?.id === id, `message-${position}`);
		await page.waitForFunction((id) => {
			const box = document.getElementById(id).getBoundingClientRect();
			return box.top < innerHeight && box.bottom > 0;
		}, `message-${position}`);
	},

	async everything_works_with_the_keyboard_alone(page) {
		await page.goto('/login');
		await page.getByLabel('E-mail address').waitFor();
		await tabTo(page, () => document.activeElement.id === 'email');
		await page.keyboard.type(EMAIL);
		await page.keyboard.press('Tab');
		await page.keyboard.type(PASSWORD);
		await page.keyboard.press('Enter');
		await page.waitForURL((url) => url.pathname === '/');
		await page.getByRole('heading', { level: 1 }).waitFor();
		await tabTo(page, () => document.activeElement.textContent.trim() === 'Conversations');
		await page.keyboard.press('Enter');
		await page.locator(LIST_ROW).first().waitFor();
		await tabTo(page, () => document.activeElement.matches('main a[href*="verdict=fail"]'));
		await page.keyboard.press('Enter');
		await page.waitForURL(/verdict=fail/);
		await page.locator(LIST_ROW).first().waitFor();
		await tabTo(page, () => document.activeElement.matches('main a[href^="/conversations/2"]'));
		await page.keyboard.press('Enter');
		await page.getByRole('heading', { name: 'Verdicts' }).waitFor();
		await tabTo(page, () => document.activeElement.matches('ul[aria-label="Evidence"] button'));
		const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
		assert.notEqual(outline, 'none', 'the focus is seen');
		await page.keyboard.press('Enter');
		await page.waitForFunction(() => document.activeElement?.id.startsWith('message-'));
	},

	async a_type_goes_off_with_a_reason_and_only_after_asking(page) {
		await logIn(page);
		await page.goto('/redaction');
		await page.getByLabel('What becomes of plate').selectOption('off');
		await page.getByRole('button', { name: 'Add one of your own' }).click();
		await page.getByLabel('Name', { exact: true }).fill('ORDER');
		await page.getByLabel('Pattern of ORDER').fill('\\bORD-\\d{2,9}\\b');
		await page.getByLabel('Try it before you save').fill('about ORD-77, mail ana@mail.com');
		await page.getByRole('button', { name: 'Try it' }).click();
		const result = page.locator('form[aria-label="Try it"] .result');
		await result.getByText('custom order').waitFor();
		assert.doesNotMatch(await result.innerText(), /ORD-77|ana@/);

		const inForce = await page.getByText(/in force/).innerText();
		await page.getByLabel('Why is this changed?').fill('the plates are our own');
		await page.getByRole('button', { name: 'Save', exact: true }).click();
		const asked = page.getByRole('group', { name: 'Turn off redaction?' });
		assert.match(await asked.innerText(), /stored in clear: plate/);
		await asked.getByRole('button', { name: 'Go back' }).click();
		await page.reload();
		assert.equal(await page.getByText(/in force/).innerText(), inForce, 'nothing was saved');

		await page.getByLabel('What becomes of plate').selectOption('off');
		await page.getByLabel('Why is this changed?').fill('the plates are our own');
		await page.getByRole('button', { name: 'Save', exact: true }).click();
		await asked.getByRole('button', { name: 'Turn them off' }).click();
		const changes = page.getByRole('region', { name: 'Changes' });
		await changes.getByText('the plates are our own').first().waitFor();
		assert.match(await changes.innerText(), /off: plate/);
		assert.equal(await page.getByLabel('What becomes of plate').inputValue(), 'off');
	},

	async an_event_is_found_opened_and_proved_with_the_keyboard(page) {
		await logIn(page);
		await page.goto('/audit?outcome=success');
		await page.getByLabel('Kind of event').selectOption('authn_login_success');
		await page.waitForURL(/event=authn_login_success/);
		const row = page.locator('main li details').first();
		await row.waitFor();
		await tabTo(page, () => document.activeElement.matches('main li summary'));
		await page.keyboard.press('Enter');
		await row.getByText(/^(127\.0\.0\.1|::1)$/).waitFor();
		assert.match(await row.innerText(), /authn_login_success/);
		await tabTo(page, () => document.activeElement.textContent.trim() === 'Check the proof');
		for (let i = 0; ; i++) {
			await page.keyboard.press('Enter');
			const said = row.locator('.holds, [role="alert"]');
			await said.waitFor();
			if (/Under the root of the checkpoint/.test(await said.innerText())) break;
			assert.ok(i < 60 && /No signed checkpoint/.test(await said.innerText()), await said.innerText());
			await tabTo(page, () => document.activeElement.textContent.trim() === 'Check the proof');
		}
	},

	async the_export_comes_as_a_file_that_begins_with_its_checkpoint(page) {
		await logIn(page);
		await page.goto('/audit');
		const [download] = await Promise.all([
			page.waitForEvent('download'),
			page.getByRole('button', { name: 'Download export' }).click()
		]);
		assert.equal(download.suggestedFilename(), 'audit-export.jsonl');
		const chunks = [];
		for await (const chunk of await download.createReadStream()) chunks.push(chunk);
		const lines = Buffer.concat(chunks).toString().trimEnd().split('\n').map(JSON.parse);
		assert.equal(lines[0].format, 'rendfly-audit-1');
		assert.ok(lines.length > 1 && lines.slice(1).every((line) => typeof line.proof === 'string'));
		await page.getByText(/^[\d,]+ events? in audit-export\.jsonl$/).waitFor();
	},

	async the_first_tab_stop_skips_to_the_content(page) {
		await logIn(page);
		await page.reload();
		await page.getByRole('heading', { level: 1 }).waitFor();
		await page.keyboard.press('Tab');
		assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
		await page.keyboard.press('Enter');
		await page.waitForFunction(() => document.activeElement?.id === 'main');
	},

	async no_page_asks_another_host_or_breaks_its_policy(page) {
		const hosts = new Set();
		const faults = [];
		page.on('request', (request) => hosts.add(new URL(request.url()).host));
		page.on('pageerror', (error) => faults.push(error.message));
		page.on('console', (message) => {
			if (message.type() === 'error') faults.push(message.text());
		});
		await eachPage(page, async () => {});
		assert.deepEqual([...hosts], [HOST]);
		assert.deepEqual(faults, []);
	},

	async a_wrong_password_is_said_and_the_page_stays(page) {
		await page.goto('/login');
		await page.getByLabel('E-mail address').fill('nobody@nowhere.example');
		await page.getByLabel('Password').fill('not the password');
		await page.getByRole('button', { name: 'Log in' }).click();
		const said = page.locator('[aria-live="assertive"] .failure');
		await said.waitFor();
		assert.ok((await said.innerText()).length > 20);
		assert.equal(new URL(page.url()).pathname, '/login');
		assert.equal(await page.getByLabel('Password').inputValue(), '');
	},

	async a_page_asked_for_without_a_session_comes_after_logging_in(page) {
		await page.goto('/conversations?verdict=fail');
		await page.waitForURL(/\/login\?next=/);
		await page.getByLabel('E-mail address').fill(EMAIL);
		await page.getByLabel('Password').fill(PASSWORD);
		await page.keyboard.press('Enter');
		await page.waitForURL((url) => url.pathname + url.search === '/conversations?verdict=fail');
	},

	async a_login_link_cannot_lead_to_another_site(page) {
		for (const next of ['//evil.example/x', 'https://evil.example', '/\\evil.example', 'javascript:alert(1)']) {
			await page.context().clearCookies();
			await page.goto(`/login?next=${encodeURIComponent(next)}`);
			await page.getByLabel('E-mail address').fill(EMAIL);
			await page.getByLabel('Password').fill(PASSWORD);
			await page.keyboard.press('Enter');
			await page.waitForURL((url) => url.pathname !== '/login');
			assert.equal(new URL(page.url()).host, HOST);
		}
	},

	async an_ended_session_leads_to_the_login_page(page) {
		await logIn(page);
		await page.context().clearCookies();
		await page.getByRole('link', { name: 'Rules', exact: true }).click();
		await page.waitForURL((url) => url.pathname === '/login');
	},

	async the_chosen_theme_is_kept(page) {
		await page.emulateMedia({ colorScheme: 'light' });
		await page.goto('/login');
		const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
		const button = page.getByRole('button', { name: /^Theme: / });
		await button.waitFor();
		const light = await background();
		await button.click();
		await button.click();
		const dark = await background();
		assert.notEqual(dark, light);
		await page.reload();
		await button.waitFor();
		assert.equal(await background(), dark);
	},

	async every_page_has_landmarks_names_and_labels(page) {
		await eachPage(page, async (where) => assert.deepEqual(await page.evaluate(structureFaults), [], where));
	},

	async every_text_has_contrast_in_both_themes(page) {
		for (const colorScheme of ['light', 'dark']) {
			await page.emulateMedia({ colorScheme });
			await page.context().clearCookies();
			await eachPage(page, async (where) =>
				assert.deepEqual(await page.evaluate(faintTexts), [], `${where}, ${colorScheme}`)
			);
		}
	},

	async axe_finds_no_barrier_on_any_page_in_either_theme(page) {
		for (const colorScheme of ['light', 'dark']) {
			await page.emulateMedia({ colorScheme });
			await page.context().clearCookies();
			await eachPage(page, async (where) => {
				await page.evaluate(AXE);
				const found = await page.evaluate(async () => (await axe.run(document)).violations);
				const told = found.map((v) => `${v.id}: ${v.nodes.map((n) => n.html.slice(0, 120)).join(' | ')}`);
				assert.deepEqual(told, [], `${where}, ${colorScheme}`);
			});
		}
	},

	async what_cannot_be_loaded_says_so_and_is_tried_again(page) {
		await logIn(page);
		const fail = (route) => route.abort();
		await page.route('**/api/v1/conversations*', fail);
		await page.goto('/conversations');
		const said = page.getByRole('alert');
		await said.getByText('The server cannot be reached.').waitFor();
		await page.unroute('**/api/v1/conversations*', fail);
		await said.getByRole('button', { name: 'Try again' }).click();
		await page.locator(LIST_ROW).first().waitFor();
		assert.equal(await said.count(), 0);
	},

	async what_the_server_refuses_is_told_in_its_own_words(page) {
		await logIn(page);
		const refusal = { code: 'forbidden', message: 'Your role may not do this.', remedy: 'Ask an owner.', request_id: 'r-1' };
		await page.route('**/api/v1/audit/events*', (route) => route.fulfill({ status: 403, json: { error: refusal } }));
		await page.goto('/audit');
		const said = page.getByRole('alert');
		await said.waitFor();
		for (const words of [refusal.message, refusal.remedy, refusal.request_id])
			assert.ok((await said.innerText()).includes(words), words);
	},

	async a_message_of_sixty_thousand_characters_is_folded_until_it_is_asked_for(page) {
		await page.route(/\/api\/v1\/conversations\/\d/, async (route) => {
			const response = await route.fetch();
			const body = await response.json();
			for (const message of body.messages) if (message.content) message.content = 'word '.repeat(12_000) + message.content;
			await route.fulfill({ response, json: body });
		});
		await openJudged(page);
		const height = (message) => message.evaluate((e) => e.getBoundingClientRect().height);
		const message = page.locator('#message-0');
		assert.ok((await height(message)) < 600, 'it is folded');
		const more = message.getByRole('button', { name: /^Show all 60,\d+ characters$/ });
		await more.click();
		assert.ok((await height(message)) > 2000, 'all of it is there');
		await message.getByRole('button', { name: 'Show less' }).click();
		assert.ok((await height(message)) < 600, 'it is folded again');
		const evidence = page.getByRole('list', { name: 'Evidence' }).getByRole('button').first();
		const position = /#(\d+)/.exec(await evidence.innerText())[1];
		await evidence.click();
		await page.waitForFunction((id) => document.activeElement?.id === id, `message-${position}`);
		await page.waitForFunction((id) => document.getElementById(id).querySelector('.cut') === null, `message-${position}`);
	},

	async a_message_and_the_link_to_its_conversation_are_copied(page) {
		await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
		await openJudged(page);
		const copied = () => page.evaluate(() => navigator.clipboard.readText());
		await page.getByRole('button', { name: 'Copy message #0' }).click();
		await page.getByText('Copied').first().waitFor({ state: 'attached' });
		assert.ok((await copied()).length > 3);
		await page.getByRole('button', { name: 'Copy link' }).click();
		await page.getByRole('button', { name: 'Copied' }).waitFor();
		assert.equal(await copied(), page.url());
	},

	async the_link_of_the_page_is_in_sight_on_a_telephone(page) {
		await page.setViewportSize({ width: 360, height: 740 });
		await logIn(page);
		for (const path of PAGES) {
			await page.goto(path);
			const here = page.getByRole('navigation', { name: 'Main' }).locator('[aria-current]');
			await here.waitFor();
			const box = await here.boundingBox();
			assert.ok(box.x >= 0 && box.x + box.width <= 360, `${path}: ${box.x} to ${box.x + box.width}`);
		}
	},

	async no_page_scrolls_sideways_on_a_telephone(page) {
		await page.setViewportSize({ width: 360, height: 740 });
		await eachPage(page, async (where) => {
			const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
			assert.ok(wide <= 0, `${where} is ${wide} px too wide`);
		});
	}
};

const [name] = process.argv.slice(2);
if (name === '--list') {
	console.log(Object.keys(scenarios).join('\n'));
	process.exit(0);
}
const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
try {
	// The test CA is not in Chromium's store; who speaks TLS to whom is tested elsewhere.
	const context = await browser.newContext({ baseURL: URL_BASE, ignoreHTTPSErrors: true, reducedMotion: 'reduce' });
	context.setDefaultTimeout(15_000);
	await scenarios[name](await context.newPage());
} catch (error) {
	console.error(String(error.stack ?? error));
	process.exitCode = 1;
} finally {
	await browser.close();
}
