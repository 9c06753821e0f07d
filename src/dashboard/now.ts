// The view of now: what each path carries this second, what is open, and how the agents are.
import type { Speeds } from '../record.ts';
import { type AgentFacts, agentCards } from './agentcards.ts';
import { StackChart } from './chart.ts';
import type { ChartData } from './chartdata.ts';
import { classNames } from './classes.ts';
import { ApiError, ask } from './client.ts';
import { el, fill, write } from './element.ts';
import { withFilter } from './filter.ts';
import { clockTime, rate, whole } from './format.ts';
import { say } from './language.ts';
import { type LiveBook, windowS } from './livebook.ts';
import { empty, failed, loading } from './notice.ts';
import { openList } from './openlist.ts';
import { choose } from './place.ts';
import { speedCards } from './speedcards.ts';
import type { OpenView, Page, View } from './view.ts';

const tickMs = 1_000;
const agentsMs = 10_000;

export const nowView: View = { name: 'now', title: 'now', icon: 'now', open: openNow };

function openNow(page: Page): OpenView {
	const { feed } = page;
	const { book } = feed;
	const chart = new StackChart({
		kind: 'line',
		figure: rate,
		title: (at) => clockTime(at * 1000),
		tick: (at) => clockTime(at * 1000),
	});
	const cards = speedCards((name) => {
		if (name === 'wan') return page.go({ ...page.place(), view: 'history', range: '24h', choices: {} });
		page.go({
			...page.place(),
			view: 'history',
			filters: withFilter(page.place().filters, { name: 'class', value: name }),
			choices: {},
		});
	});
	const toHistory = (name: 'host' | 'device') => (value: string) =>
		page.go({
			...page.place(),
			view: 'history',
			filters: withFilter(page.place().filters, { name, value }),
			choices: {},
		});
	const open = openList({ onHost: toHistory('host'), onDevice: toHistory('device'), nameOf: (ip) => ip });
	const openCount = el('span', { class: 'muted' });
	const openBody = el('div', {});
	const agents = agentCards(book, (agent) => page.go(choose(page.place(), { agent })));
	const agentsBody = el('div', {}, loading(3));
	const state = el('span', { class: 'pill', role: 'status' });
	const picker = el('select', { class: 'input', 'aria-label': say('agent to show') });
	picker.addEventListener('change', () => page.go(choose(page.place(), { agent: picker.value })));
	const control = new AbortController();
	let known: readonly AgentFacts[] | null = null;
	let failure: unknown = null;

	const element = el(
		'div',
		{ class: 'view' },
		el('div', { class: 'view-head' }, el('h1', {}, say('now')), state, el('div', { class: 'spacer' }), picker),
		cards.element,
		el('section', { class: 'card' }, el('h2', {}, say('last minutes')), chart.element),
		el(
			'div',
			{ class: 'columns' },
			el(
				'section',
				{ class: 'card wide' },
				el('div', { class: 'card-head' }, el('h2', {}, say('open now')), openCount),
				openBody,
			),
			el('section', { class: 'card' }, el('h2', {}, say('agents')), agentsBody),
		),
	);

	function draw(): void {
		const now = Date.now();
		const agent = page.place().choices.agent || null;
		const speeds = book.speeds(agent, now);
		cards.show(speeds);
		chart.draw(
			liveChart(book, agent, now),
			say('chart now', { down: rate(total(speeds)?.down ?? null), up: rate(total(speeds)?.up ?? null) }),
		);
		drawState(now);
		drawOpen(agent, now);
		drawAgents(now);
	}

	function drawState(now: number): void {
		const fresh = book.agents().some((name) => book.fresh(name, now));
		const word = feed.state === 'on' ? (fresh ? 'on' : book.agents().length > 0 ? 'stale' : 'none') : feed.state;
		state.className = `pill live-${word}`;
		write(state, say(`live ${word}`));
	}

	function drawOpen(agent: string | null, now: number): void {
		const names = (agent === null ? book.agents() : [agent]).filter(
			(name) => book.fresh(name, now) && book.state(name)?.live,
		);
		const lives = names.map((name) => ({ name, live: book.state(name)!.live! }));
		const busiest = lives.flatMap(({ name, live }) => live.busiest.map((one) => ({ ...one, agent: name })));
		const counts = lives.flatMap(({ live }) => live.connections ?? []);
		write(openCount, counts.length > 0 ? say('open count', { count: whole(counts.reduce((a, b) => a + b, 0)) }) : '');
		open.show(busiest);
		const wanted = busiest.length > 0 ? open.element : null;
		if (wanted ? openBody.firstChild === wanted : openBody.textContent === openText(names.length)) return;
		fill(openBody, wanted ?? empty(openText(names.length)));
	}

	function drawAgents(now: number): void {
		if (known === null) {
			if (failure !== null && !agentsBody.querySelector('.bad'))
				fill(
					agentsBody,
					failed(failure, () => void loadAgents()),
				);
			return;
		}
		agents.show(known, now);
		if (known.length > 0 && agentsBody.firstChild !== agents.element) fill(agentsBody, agents.element);
		if (known.length === 0 && !agentsBody.querySelector('.notice')) {
			fill(
				agentsBody,
				empty(say('agents none'), say('agents none hint', { url: location.origin + location.pathname })),
			);
		}
	}

	async function loadAgents(): Promise<void> {
		try {
			known = await ask<AgentFacts[]>('agents', {}, control.signal);
			failure = null;
			fillPicker();
		} catch (error) {
			if (control.signal.aborted) return;
			if (error instanceof ApiError && error.kind === 'token') return page.signOut();
			failure = error;
		}
		draw();
	}

	function fillPicker(): void {
		const names = (known ?? []).map(({ agent_id }) => agent_id);
		const chosen = page.place().choices.agent ?? '';
		picker.hidden = names.length < 2 && chosen === '';
		const wanted = ['', ...new Set([...names, ...(chosen === '' ? [] : [chosen])])];
		if (wanted.join('\n') !== [...picker.options].map(({ value }) => value).join('\n')) {
			fill(picker, ...wanted.map((value) => el('option', { value }, value === '' ? say('all agents') : value)));
		}
		picker.value = chosen;
	}

	const ticking = window.setInterval(draw, tickMs);
	const asking = window.setInterval(() => void loadAgents(), agentsMs);
	const silence = feed.listen(() => drawState(Date.now()));
	void loadAgents();
	return {
		element,
		show() {
			fillPicker();
			draw();
		},
		stop() {
			window.clearInterval(ticking);
			window.clearInterval(asking);
			silence();
			control.abort();
			chart.stop();
		},
	};
}

function openText(speaking: number): string {
	return say(speaking > 0 ? 'open none' : 'open unknown');
}

const total = (speeds: Speeds | null) => speeds?.wan ?? speeds?.core ?? null;

function liveChart(book: LiveBook, agent: string | null, now: number): ChartData {
	const moments = book.moments(agent, now);
	const of = (pick: 'down' | 'up') => (name: (typeof classNames)[number]) =>
		moments.map(({ speeds }) => speeds?.[name]?.[pick] ?? null);
	const end = Math.floor(now / 1000);
	return {
		times: moments.map(({ at }) => at),
		from: end - windowS,
		to: end,
		layers: classNames.map((name) => ({ name, down: of('down')(name), up: of('up')(name) })),
		bands: [],
	};
}
