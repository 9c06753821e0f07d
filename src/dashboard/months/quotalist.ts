// The quotas of all agents, or of one, as cards that are brought up to date each minute; those that have none can get one.
import { ask } from '../client.ts';
import { say } from '../language/language.ts';
import { el, fill } from '../parts/element.ts';
import { Loader } from '../parts/loader.ts';
import { failed, loading, noAgents } from '../parts/notice.ts';
import type { Page } from '../view.ts';
import { manyWithoutQuota, quotaCard, withoutQuota } from './quotacard.ts';
import { openQuotaForm } from './quotaform.ts';
import type { QuotaState } from './quotastate.ts';

export interface QuotaList {
	readonly element: HTMLElement;
	/** null: of all agents. */
	show(agent: string | null): void;
	stop(): void;
}

const refreshMs = 60_000;
/** More that have no quota are one card. */
const mostCards = 4;

/** `onAgents` is told the names of all agents. */
export function quotaList(page: Page, onAgents: (names: readonly string[]) => void): QuotaList {
	const element = el('section', { class: 'quotas', 'aria-label': say('quotas') }, loading(3));
	const loader = new Loader(() => page.signOut());
	let agent: string | null = null;
	let known: { readonly agents: readonly string[]; readonly quotas: readonly QuotaState[] } | null = null;

	function load(): void {
		void loader.load(
			(signal) =>
				Promise.all([ask<{ agent_id: string }[]>('agents', {}, signal), ask<QuotaState[]>('quotas', {}, signal)]),
			{
				done([agents, quotas]) {
					known = { agents: agents.map(({ agent_id }) => agent_id), quotas };
					onAgents(known.agents);
					draw();
				},
				failed: (error) => fill(element, failed(error, load)),
			},
		);
	}

	function draw(): void {
		if (!known) return;
		const { quotas } = known;
		const names = known.agents.filter((name) => agent === null || name === agent);
		const before = remembered(element);
		const quotaOf = (name: string) => quotas.find((one) => one.agent_id === name) ?? null;
		const edit = (name: string) => () =>
			openQuotaForm({ agent: name, quota: quotaOf(name), onDone: load, onToken: () => page.signOut() });
		const without = names.filter((name) => !quotaOf(name));
		const folded = without.length > mostCards ? without : [];
		const cards = names
			.filter((name) => !folded.includes(name))
			.map((name) => {
				const quota = quotaOf(name);
				return quota ? quotaCard(quota, Date.now(), edit(name)) : withoutQuota(name, edit(name));
			});
		fill(element, ...cards, folded.length > 0 && manyWithoutQuota(folded, edit), names.length === 0 && noAgents());
		before.restore();
	}

	const refreshing = window.setInterval(load, refreshMs);
	load();
	return {
		element,
		show(wanted) {
			agent = wanted;
			draw();
		},
		stop() {
			window.clearInterval(refreshing);
			loader.stop();
		},
	};
}

/** Where the focus was, and what was unfolded, among cards that are made anew. */
function remembered(element: HTMLElement) {
	const focused = element.contains(document.activeElement) ? document.activeElement!.getAttribute('aria-label') : null;
	const cardOf = (one: Element) => one.closest('article')?.getAttribute('aria-labelledby') ?? '';
	const unfolded = new Set([...element.querySelectorAll('details[open]')].map(cardOf));
	return {
		restore() {
			for (const one of element.querySelectorAll('details')) one.open = unfolded.has(cardOf(one));
			if (focused === null) return;
			for (const button of element.querySelectorAll('button')) {
				if (button.getAttribute('aria-label') === focused) button.focus();
			}
		},
	};
}
