// All agents, asked for now and then; those that are not well first.

import { ask } from '../client.ts';
import { say } from '../language/language.ts';
import { el, fill } from '../parts/element.ts';
import { Loader } from '../parts/loader.ts';
import { moreButton } from '../parts/more.ts';
import { failed, loading, noAgents } from '../parts/notice.ts';
import type { Page } from '../view.ts';
import { type AgentFacts, agentCards, heardOf } from './agentcards.ts';
import type { LiveBook } from './livebook.ts';

export interface AgentsPanelOptions {
	readonly onPick: (agent: string) => void;
	readonly onKnown: (names: readonly string[]) => void;
}

export interface AgentsPanel {
	readonly element: HTMLElement;
	names(): readonly string[];
	/** All of them, or the one that is looked at, are such as only sync. */
	onlyOld(agent: string | null): boolean;
	show(now: number): void;
	stop(): void;
}

const askMs = 10_000;
/** Shown until somebody wants all. */
const few = 6;

export function agentsPanel(page: Page, { onPick, onKnown }: AgentsPanelOptions): AgentsPanel {
	const { book } = page.feed;
	const loader = new Loader(page.signOut);
	const cards = agentCards(book, onPick);
	const more = moreButton(page, 'agents', { few, most: Number.POSITIVE_INFINITY });
	const body = el('div', {}, loading(3));
	let known: readonly AgentFacts[] | null = null;
	const met = new Set<string>();
	const names = () => (known ?? []).map(({ agent_id }) => agent_id);

	function load(): void {
		void loader.load((signal) => ask<AgentFacts[]>('agents', {}, signal), {
			done: (agents) => {
				known = agents;
				for (const name of names()) met.add(name);
				fill(body, agents.length > 0 ? cards.element : noAgents());
				onKnown(names());
				show(Date.now());
			},
			failed: (error) => {
				if (known === null) fill(body, failed(error, load));
			},
		});
	}

	function show(now: number): void {
		if (known === null) return;
		// One that speaks for the first time is not waited for.
		const unknown = book.agents().find((name) => !met.has(name));
		if (unknown !== undefined) {
			met.add(unknown);
			load();
		}
		const all = page.place().choices.agents === 'all';
		cards.show(all ? known : worstFirst(known, book, now).slice(0, few), now);
		more.show(known.length);
	}

	const asking = window.setInterval(load, askMs);
	load();
	return {
		element: el(
			'section',
			{ class: 'card', 'aria-label': say('agents') },
			el('div', { class: 'card-head' }, el('h2', {}, say('agents'))),
			body,
			more.element,
		),
		names,
		onlyOld(agent) {
			const meant = (known ?? []).filter(({ agent_id }) => agent === null || agent_id === agent);
			return meant.length > 0 && meant.every(({ sends_usage }) => !sends_usage);
		},
		show,
		stop() {
			window.clearInterval(asking);
			loader.stop();
		},
	};
}

const order = { silent: 0, stale: 1, online: 2, mute: 3 } as const;

function worstFirst(agents: readonly AgentFacts[], book: LiveBook, now: number): AgentFacts[] {
	const ill = ({ health }: AgentFacts) =>
		health?.some(({ state }) => state === 'down' || state === 'given up') ? 0 : 1;
	const place = (facts: AgentFacts) => order[heardOf(facts, book, now)] * 2 + ill(facts);
	return [...agents].sort((a, b) => place(a) - place(b));
}
