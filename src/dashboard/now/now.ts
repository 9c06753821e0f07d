// The view of now: what each path carries this second, what is open, and how the agents are. Drawn anew each second,
// so that what falls silent grows old before the viewer's eyes.
import type { Speeds } from '../../record.ts';
import { StackChart } from '../chart/chart.ts';
import type { ChartData } from '../chart/chartdata.ts';
import { chartTable } from '../chart/charttable.ts';
import { legend } from '../chart/legend.ts';
import { clockTime, rate } from '../language/format.ts';
import { say } from '../language/language.ts';
import { agentOf, agentPicker } from '../parts/agentpicker.ts';
import { classNames } from '../parts/classes.ts';
import { el, fill, write } from '../parts/element.ts';
import { type FilterName, withFilter } from '../parts/filter.ts';
import { empty } from '../parts/notice.ts';
import type { OpenView, Page, View } from '../view.ts';
import { agentsPanel } from './agentspanel.ts';
import { type Moment, type SpeedName, windowS } from './livebook.ts';
import { openPanel } from './openpanel.ts';
import { speedCards } from './speedcards.ts';

const tickMs = 1_000;
/** What is drawn while little is known yet. */
const shortestS = 60;

export const nowView: View = { name: 'now', title: 'now', icon: 'now', open: openNow };

function openNow(page: Page): OpenView {
	const { book } = page.feed;
	const title = (at: number) => clockTime(at * 1000);
	const chart = new StackChart({ kind: 'line', figure: rate, title, tick: title });
	const table = chartTable();
	const colours = legend();
	const body = el('div', {});
	const toHistory = (name: FilterName | null, value: string) => {
		const { filters } = page.place();
		const narrowed = name === null ? filters : withFilter(filters, { name, value });
		page.go({ view: 'history', range: '24h', filters: narrowed, choices: {} });
	};
	const cards = speedCards((name) => toHistory(name === 'wan' ? null : 'class', name));
	const open = openPanel(page, toHistory);
	const state = el('span', { class: 'pill', role: 'status' });
	const coverage = el('span', { class: 'muted' });
	const picker = agentPicker(page);
	const agents = agentsPanel(page, { onPick: picker.pick, onKnown: picker.show });

	const element = el(
		'div',
		{ class: 'view' },
		el(
			'div',
			{ class: 'view-head' },
			el('h1', {}, say('now')),
			state,
			coverage,
			el('div', { class: 'spacer' }),
			picker.element,
		),
		cards.element,
		el(
			'section',
			{ class: 'card', 'aria-label': say('last minutes') },
			el('div', { class: 'card-head' }, el('h2', {}, say('last minutes')), colours.element),
			body,
			table.element,
		),
		el('div', { class: 'columns' }, open.element, agents.element),
	);

	function draw(): void {
		const now = Date.now();
		const agent = agentOf(page.place());
		const speeds = book.speeds(agent, now);
		const whole = wholeOf(speeds);
		const moments = book.moments(agent, now);
		cards.show(speeds, moments);
		const data = liveChart(moments, now);
		const told = data.times.length > 0;
		colours.show(
			data.layers.map(({ name }) => name),
			data.outline && 'wan',
		);
		table.element.hidden = !told;
		if (told) {
			if (body.firstChild !== chart.element) fill(body, chart.element);
			chart.draw(data, say('chart now', { down: rate(whole?.down ?? null), up: rate(whole?.up ?? null) }));
			table.show(data, rate, title);
		} else {
			const text = say(agents.onlyOld(agent) ? 'now of old agents' : 'live none');
			if (body.textContent !== text) fill(body, empty(text));
		}
		drawState(now);
		open.show(agent, now);
		agents.show(now);
	}

	function drawState(now: number): void {
		const names = book.agents();
		const fresh = names.some((name) => book.fresh(name, now));
		const silent = agents.onlyOld(agentOf(page.place())) ? 'mute' : 'none';
		const heard = fresh ? 'on' : names.length > 0 ? 'stale' : silent;
		const word = page.feed.state === 'on' ? heard : page.feed.state;
		state.className = `pill live-${word}`;
		write(state, say(`live ${word}`));
		// A sum is only of those that speak.
		const all = [...new Set([...agents.names(), ...names])];
		const speaking = all.filter((name) => book.speeds(name, now) !== null).length;
		const part = agentOf(page.place()) === null && speaking > 0 && speaking < all.length;
		write(coverage, part ? say('of agents', { known: speaking, all: all.length }) : '');
	}

	const ticking = window.setInterval(draw, tickMs);
	const silence = page.feed.listen(() => drawState(Date.now()));
	return {
		element,
		show() {
			picker.show(agents.names());
			draw();
		},
		stop() {
			window.clearInterval(ticking);
			silence();
			agents.stop();
			chart.stop();
		},
	};
}

const wholeOf = (speeds: Speeds | null) => speeds?.wan ?? speeds?.core ?? null;

/** The paths in a stack, and the line by its own counter: it is read at another moment, so both are there. */
function liveChart(moments: readonly Moment[], now: number): ChartData {
	const end = Math.floor(now / 1000);
	const first = moments.find(({ speeds }) => speeds !== null)?.at ?? end;
	if (moments.every(({ speeds }) => speeds === null)) {
		return { times: [], from: end - shortestS, to: end, layers: [], outline: null, bands: [] };
	}
	const lineOf = <Name extends SpeedName>(name: Name) => {
		const of = (pick: 'down' | 'up') => moments.map(({ speeds }) => speeds?.[name]?.[pick] ?? null);
		return { name, down: of('down'), up: of('up') };
	};
	const wan = lineOf('wan');
	return {
		times: moments.map(({ at }) => at),
		...{ from: Math.max(end - windowS, Math.min(first, end - shortestS)), to: end, bands: [] },
		layers: classNames
			.map(lineOf)
			.filter(({ name, down, up }) => name !== 'reject' || [...down, ...up].some((value) => (value ?? 0) > 0)),
		outline: wan.down.some((value) => value !== null) ? wan : null,
	};
}
