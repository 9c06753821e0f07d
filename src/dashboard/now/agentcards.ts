// The agents: who is heard, how they are, and since when not.
import type { AgentHealth } from '../../wire.ts';
import { ago, exactMoment, rate, span } from '../language/format.ts';
import { say } from '../language/language.ts';
import { el, write } from '../parts/element.ts';
import { KeyedList } from '../parts/keyed.ts';
import type { LiveBook } from './livebook.ts';

/** A row of `/api/v1/agents`: what an agent does not say of itself is null. */
export interface AgentFacts {
	readonly agent_id: string;
	/** ISO 8601. */
	readonly last_sync: string;
	readonly status: 'online' | 'offline';
	readonly version: string | null;
	readonly health: AgentHealth['parts'] | null;
	readonly backlog_seconds: number | null;
	readonly wan: AgentHealth['wan'] | null;
	/** False for an old agent. */
	readonly sends_usage: boolean;
}

/** mute: it syncs, and says nothing of now (an old agent). */
export type Heard = 'online' | 'stale' | 'silent' | 'mute';

export function heardOf(facts: AgentFacts, book: LiveBook, now: number): Heard {
	const live = book.state(facts.agent_id)?.live;
	if (live && book.fresh(facts.agent_id, now)) return 'online';
	if (facts.status === 'offline') return 'silent';
	return live ? 'stale' : 'mute';
}

export interface AgentCards {
	readonly element: HTMLElement;
	show(agents: readonly AgentFacts[], now: number): void;
}

export function agentCards(book: LiveBook, onPick: (agent: string) => void): AgentCards {
	const element = el('div', { class: 'agents' });
	let now = 0;
	const cards = new KeyedList<AgentFacts>(
		element,
		({ agent_id }) => agent_id,
		({ agent_id }) => {
			const state = el('span', { class: 'pill' });
			const speed = el('p', { class: 'agent-speed' });
			const facts = (['last sync', 'wan source', 'backlog', 'health'] as const).map((name) => {
				const value = el('dd', {});
				return { name, value, row: el('div', {}, el('dt', {}, say(name)), value) };
			});
			const card = el(
				'article',
				{ class: 'agent', 'aria-label': agent_id },
				el(
					'header',
					{},
					el(
						'button',
						{ type: 'button', class: 'link strong', title: agent_id, on: { click: () => onPick(agent_id) } },
						agent_id,
					),
					state,
				),
				speed,
				el('dl', {}, ...facts.map(({ row }) => row)),
			);
			return {
				element: card,
				update(agent) {
					const heard = heardOf(agent, book, now);
					state.className = `pill ${heard}`;
					write(state, say(heard === 'mute' ? 'online' : heard));
					const speeds = book.speeds(agent_id, now);
					const whole = speeds?.wan ?? speeds?.core ?? null;
					const figures = `↓ ${rate(whole?.down ?? null)}   ↑ ${rate(whole?.up ?? null)}`;
					write(speed, heard === 'mute' ? say(agent.sends_usage ? 'no live figures' : 'old agent') : figures);
					const told = toldOf(agent, book, now);
					for (const { name, value, row } of facts) {
						const text = told[name];
						row.hidden = text === null;
						if (text === null) continue;
						write(value, text.words);
						value.title = text.title;
						value.classList.toggle('bad-text', text.bad);
					}
				},
			};
		},
	);
	return {
		element,
		show(agents, at) {
			now = at;
			cards.show(agents);
		},
	};
}

interface Told {
	readonly words: string;
	readonly title: string;
	readonly bad: boolean;
}

/** Counted from the begin of 5 minutes; then it waits for the next sync. */
const usualS = 10 * 60;

function toldOf(
	agent: AgentFacts,
	book: LiveBook,
	now: number,
): Record<'last sync' | 'wan source' | 'backlog' | 'health', Told | null> {
	const health = book.state(agent.agent_id)?.health;
	const live = health && 'parts' in health ? (health as AgentHealth) : null;
	const heard = Math.max(Date.parse(agent.last_sync), book.heard(agent.agent_id) ?? 0);
	const backlog = live?.backlog_seconds ?? agent.backlog_seconds;
	const wan = live?.wan ?? agent.wan;
	const parts = live?.parts ?? agent.health;
	const bad = parts?.filter(({ state }) => state === 'down' || state === 'given up') ?? [];
	return {
		'last sync': { words: ago(now - heard), title: exactMoment(heard), bad: false },
		'wan source': wan && {
			words: wan.source === null ? say('unknown') : [wan.source, wan.devices.join(', ')].filter(Boolean).join(' · '),
			title: wan.why,
			bad: false,
		},
		backlog:
			backlog === null
				? null
				: {
						words: backlog <= usualS ? say('backlog none') : span(backlog * 1000),
						title: say('backlog hint'),
						bad: backlog > usualS,
					},
		health: parts && {
			words:
				bad.length === 0 ? say('healthy') : bad.map(({ part, last_error }) => sentence(part, last_error)).join('\n'),
			title: parts.map(({ part, state }) => `${part}: ${state}`).join('\n'),
			bad: bad.length > 0,
		},
	};
}

function sentence(part: string, error: string | null): string {
	const words = say('part down', { part });
	return error === null ? words : `${words}: ${error}`;
}
