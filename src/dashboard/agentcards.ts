// The agents: who is heard, how they are, and since when not.
import { el, fill, write } from './element.ts';
import { ago, exactMoment, rate } from './format.ts';
import { KeyedList } from './keyed.ts';
import { say } from './language.ts';
import { healthParts, type LiveBook } from './livebook.ts';

/** A row of `/api/v1/agents`. */
export interface AgentFacts {
	readonly agent_id: string;
	/** ISO 8601. */
	readonly last_sync: string;
	readonly status: 'online' | 'offline';
	readonly total_download: number;
	readonly total_upload: number;
	readonly health: Parameters<typeof healthParts>[0];
}

export type Heard = 'online' | 'stale' | 'silent' | 'mute';

/** mute: it syncs, but says nothing of now (an old agent). */
export function heardOf(facts: AgentFacts, book: LiveBook, now: number, watched: boolean): Heard {
	if (book.fresh(facts.agent_id, now)) return book.state(facts.agent_id)?.live ? 'online' : 'mute';
	if (facts.status === 'offline') return 'silent';
	if (!book.state(facts.agent_id)?.live) return 'mute';
	return watched ? 'stale' : 'online';
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
			const speed = el('span', { class: 'agent-speed' });
			const last = el('dd', {});
			const health = el('dd', {});
			const root = el(
				'article',
				{ class: 'agent' },
				el(
					'header',
					{},
					el('button', { type: 'button', class: 'link strong', on: { click: () => onPick(agent_id) } }, agent_id),
					state,
				),
				speed,
				el('dl', {}, el('dt', {}, say('last sync')), last, el('dt', {}, say('health')), health),
			);
			let healthShown = '';
			return {
				element: root,
				update(facts) {
					const heard = heardOf(facts, book, now, true);
					state.className = `pill ${heard}`;
					write(state, say(heard === 'mute' ? 'online' : heard));
					const speeds = book.speeds(agent_id, now);
					const whole = speeds?.wan ?? speeds?.core ?? null;
					write(
						speed,
						heard === 'mute' ? say('no live figures') : `↓ ${rate(whole?.down ?? null)}   ↑ ${rate(whole?.up ?? null)}`,
					);
					const time = Math.max(Date.parse(facts.last_sync), book.heard(agent_id) ?? 0);
					write(last, ago(now - time));
					last.title = exactMoment(time);
					const parts = healthParts(book.state(agent_id)?.health ?? facts.health);
					const bad = parts.filter((part) => part.state === 'down' || part.state === 'given up');
					const said = JSON.stringify(bad);
					if (said === healthShown) return;
					healthShown = said;
					if (bad.length === 0) fill(health, parts.length > 0 ? say('healthy') : say('unknown'));
					else {
						fill(
							health,
							...bad.map(({ part, last_error }) =>
								el('p', { class: 'bad-text' }, say('part down', { part }), last_error ? `: ${last_error}` : ''),
							),
						);
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
