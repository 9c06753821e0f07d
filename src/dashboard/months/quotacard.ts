// One agent's quota: how much of the cycle is used, what remains, which levels were reached, where it will end.

import { bytes, dayMonth, exact, moment, percent, span } from '../language/format.ts';
import { say, type TextName } from '../language/language.ts';
import { el } from '../parts/element.ts';
import { plainHead } from '../parts/tablehead.ts';
import { noonOf } from './calendar.ts';
import type { CycleState, QuotaState } from './quotastate.ts';

export function quotaCard(quota: QuotaState, now: number, onEdit: () => void): HTMLElement {
	const { agent_id: agent, used, limit, forecast } = quota;
	const title = `quota-${agent}`;
	const bigUsed = el(
		'p',
		{ class: 'quota-figure' },
		el('b', { class: 'figure-large', title: exact(used) }, percent(quota.percent / 100)),
		el('span', {}, say('used of limit', { used: bytes(used), limit: bytes(limit) })),
	);
	return el(
		'article',
		{ class: 'card quota', 'aria-labelledby': title },
		el(
			'header',
			{ class: 'card-head' },
			el('h2', { id: title }, agent),
			el('span', { class: `pill ${stateOf(quota)}` }, say(`quota ${stateOf(quota)}`)),
			el('div', { class: 'spacer' }),
			el(
				'button',
				{ type: 'button', class: 'button small', 'aria-label': say('edit quota of', { agent }), on: { click: onEdit } },
				say('edit'),
			),
		),
		bigUsed,
		bar(quota),
		el(
			'dl',
			{ class: 'facts' },
			...fact('cycle', `${cycleText(quota)} · ${say('time left', { span: span(Date.parse(quota.to) - now) })}`),
			...fact('remaining', bytes(quota.remaining), exact(quota.remaining)),
			...fact('forecast', forecast ? forecastText(quota, forecast) : say('forecast unknown')),
			...fact('counted', countedText(quota)),
			...(quota.used_before > 0 ? fact('used before', bytes(quota.used_before), exact(quota.used_before)) : []),
			...(quota.approximate ? fact('approximate', say('approximate hint')) : []),
			...(quota.levels.length > 0 ? [el('div', {}, el('dt', {}, say('levels')), el('dd', {}, levelList(quota)))] : []),
			...(quota.webhook === null ? [] : fact('webhook', quota.webhook)),
		),
		quota.past.length > 0 && pastCycles(quota.past),
	);
}

/** Of an agent that has none. */
export function withoutQuota(agent: string, onSet: () => void): HTMLElement {
	const title = `quota-${agent}`;
	const label = say('set quota of', { agent });
	return el(
		'article',
		{ class: 'card quota none', 'aria-labelledby': title },
		el(
			'header',
			{ class: 'card-head' },
			el('h2', { id: title }, agent),
			el('div', { class: 'spacer' }),
			el(
				'button',
				{ type: 'button', class: 'button small', 'aria-label': label, on: { click: onSet } },
				say('set quota'),
			),
		),
		el('p', { class: 'muted' }, say('no quota')),
	);
}

/** The same of many, folded: their names are buttons. `onSet` answers what a name does. */
export function manyWithoutQuota(agents: readonly string[], onSet: (agent: string) => () => void): HTMLElement {
	const button = (agent: string) =>
		el(
			'button',
			{
				...{ type: 'button', class: 'button small', title: say('set quota of', { agent }) },
				on: { click: onSet(agent) },
			},
			agent,
		);
	return el(
		'article',
		{ class: 'card quota none many', 'aria-labelledby': 'quota-none' },
		el(
			'details',
			{ class: 'past' },
			el('summary', { id: 'quota-none' }, say('without quota', { count: agents.length })),
			el('p', { class: 'muted' }, say('no quota')),
			el('div', { class: 'quota-names' }, ...agents.map(button)),
		),
	);
}

type QuotaWord = 'fine' | 'near' | 'over';

function stateOf({ percent: share, alerts }: QuotaState): QuotaWord {
	return share >= 100 ? 'over' : alerts.length > 0 ? 'near' : 'fine';
}

function fact(name: TextName, text: string, title = ''): HTMLElement[] {
	return [el('div', {}, el('dt', {}, say(name)), el('dd', title === '' ? {} : { title }, text))];
}

/** Used, and paler where it will end; a mark for each level. Over the limit the whole scale grows. */
function bar({ agent_id: agent, percent: share, limit, forecast, levels }: QuotaState): HTMLElement {
	const foreseen = forecast ? (forecast.used / limit) * 100 : share;
	const scale = Math.max(100, share, Math.min(foreseen, 200));
	const at = (value: number) => `${(Math.min(value, scale) / scale) * 100}%`;
	return el(
		'div',
		{
			class: 'quota-bar',
			role: 'meter',
			'aria-valuemin': 0,
			'aria-valuemax': 100,
			'aria-valuenow': Math.min(100, share),
			'aria-valuetext': percent(share / 100),
			'aria-label': say('share of quota', { agent }),
		},
		el('i', { class: 'quota-foreseen', vars: { '--at': at(foreseen) } }),
		el('i', { class: `quota-used${share >= 100 ? ' over' : ''}`, vars: { '--at': at(share) } }),
		...[...new Set([...levels, 100])]
			.filter((level) => level <= scale)
			.map((level) => el('i', { class: 'quota-level', vars: { '--at': at(level) } })),
	);
}

/** The dates are of the quota's own zone: as they stand in its times. */
function cycleText({ from, to }: CycleState): string {
	const lastDay = new Date(noonOf(to.slice(0, 10)));
	lastDay.setDate(lastDay.getDate() - 1);
	return `${dayMonth(noonOf(from.slice(0, 10)))} – ${dayMonth(lastDay.getTime())}`;
}

function forecastText({ limit }: QuotaState, { used, limit_at: at }: NonNullable<QuotaState['forecast']>): string {
	const end = say('forecast is', { used: bytes(used), share: percent(used / limit) });
	return at === null ? end : `${end}; ${say('limit at', { time: moment(Date.parse(at)) })}`;
}

function countedText({ counts, direction, zone }: QuotaState): string {
	const what = say(counts === 'all' ? 'core' : counts);
	return say('counted is', { what, direction: say(`direction ${direction}`), zone });
}

function levelList({ levels, alerts }: QuotaState): HTMLElement {
	const one = (level: number) => {
		const alert = alerts.find((reached) => reached.level === level);
		const words = alert
			? [say('level reached', { time: moment(Date.parse(alert.at)) }), ...deliveryText(alert.delivery)]
			: [say('level open')];
		return el('li', {}, el('b', {}, percent(level / 100)), ` ${words.join(' · ')}`);
	};
	return el('ul', { class: 'levels' }, ...levels.map(one));
}

function deliveryText({ state, tries, outcome }: QuotaState['alerts'][number]['delivery']): string[] {
	if (state === 'none') return [];
	return [say(`delivery ${state}`, { tries, outcome: outcome ?? '' })];
}

function pastCycles(past: readonly CycleState[]): HTMLElement {
	const row = (cycle: CycleState) =>
		el(
			'tr',
			{},
			el('th', { scope: 'row', class: 'named' }, `${cycleText(cycle)} ${cycle.from.slice(0, 4)}`),
			el('td', { class: 'number', title: exact(cycle.used) }, bytes(cycle.used)),
			el('td', { class: `number${cycle.percent >= 100 ? ' bad-text' : ''}` }, percent(cycle.percent / 100)),
		);
	return el(
		'details',
		{ class: 'past' },
		el('summary', {}, say('earlier cycles')),
		el(
			'table',
			{ class: 'list' },
			plainHead([{ name: 'cycle' }, { name: 'used', class: 'number' }, { name: 'of limit', class: 'number' }]),
			el('tbody', {}, ...past.map(row)),
		),
	);
}
