// Quotas in the vault: kept, measured, their levels raised. One function for each order; all run within a transaction.
import { randomUUID } from 'node:crypto';
import { rows, type Store } from '../answers/sums.ts';
import { isZone } from '../answers/zone.ts';
import type { Forecast } from './forecast.ts';
import { type QuotaSettings, shownWebhook } from './quota.ts';
import { type Alert, alertsOf, due, raise, rearm, redirect, setLogged, settle, unlogged } from './quotaalerts.ts';
import { advance, type CycleRow } from './quotacycles.ts';
import { type MeasuredCycle, QuotaMeasure } from './quotameasure.ts';
import type { Present, QuotaAnswers, QuotaOrder } from './quotaorder.ts';

export interface QuotaState {
	readonly agent: string;
	readonly settings: QuotaSettings;
	/** The one that counts. */
	readonly zone: string;
	/** What may be shown of it. */
	readonly webhook: string | null;
	readonly cycle: MeasuredCycle;
	readonly forecast: Forecast | null;
	readonly alerts: readonly Alert[];
	/** The newest first. */
	readonly past: readonly MeasuredCycle[];
}

interface QuotaRow {
	readonly agent: string;
	readonly settings: string;
	readonly webhook: string | null;
	/** As the agent says. */
	readonly tz: string | null;
}

export class QuotaBook {
	readonly #store: () => Store;
	readonly #measure = new QuotaMeasure();

	constructor(store: () => Store) {
		this.#store = store;
	}

	order(order: QuotaOrder): QuotaAnswers[QuotaOrder['ask']] {
		const store = this.#store();
		switch (order.ask) {
			case 'list':
				return quotaRows(store).map((row) => this.#state(store, row, order));
			case 'set':
				return this.#set(store, order);
			case 'remove':
				this.#measure.forget();
				return removeQuota(store, order.agent);
			case 'trial':
				return this.#trial(store, order);
			case 'check':
				for (const row of quotaRows(store)) this.#check(store, row, order);
				return unlogged(store);
			case 'logged':
				setLogged(store, order.ids);
				return null;
			case 'due':
				return due(store, order.now);
			case 'settle':
				return settle(store, order.id, order.outcome, order.now);
		}
	}

	/** After a transaction that was taken back, and when agents were forgotten. */
	forget(): void {
		this.#measure.forget();
	}

	#check(store: Store, row: QuotaRow, present: Present): void {
		const { now } = present;
		const cycles = cyclesNow(store, row, present);
		if (cycles[0]!.from > now) return;
		const ended = this.#measure.measureEnded(store, row.agent, cycles);
		for (const one of [...ended, this.#measure.measure(store, row.agent, cycles[0]!)]) {
			raise(store, one.row, { used: one.cycle.used, now });
		}
	}

	#set(store: Store, order: QuotaOrder & { ask: 'set' }): QuotaState | null {
		const { agent, change, now } = order;
		const number = store.texts.find(agent) ?? -1;
		if (rows(store, 'SELECT id FROM agent WHERE name = ?', [number]).length === 0) return null;
		const old = quotaRows(store).find((row) => row.agent === agent);
		// What ended meanwhile ends with the settings it had.
		if (old) this.#check(store, old, order);
		const webhook = change.webhook === undefined ? (old?.webhook ?? null) : change.webhook;
		rows(store, 'INSERT OR REPLACE INTO quota VALUES (?, ?, ?)', [agent, JSON.stringify(change.settings), webhook]);
		const row = quotaRows(store).find((one) => one.agent === agent)!;
		const { id, before } = cyclesNow(store, row, order)[0]!;
		rows(store, 'UPDATE cycle SET before = ? WHERE id = ?', [change.usedBefore ?? before, id]);
		this.#measure.forget();
		const current = this.#measure.measure(store, agent, cyclesNow(store, row, order)[0]!);
		rearm(store, current.row, current.cycle.used);
		if (webhook !== (old?.webhook ?? null)) redirect(store, current.row, { webhook, now });
		this.#check(store, row, order);
		return this.#state(store, row, order);
	}

	#trial(store: Store, order: QuotaOrder & { ask: 'trial' }): QuotaAnswers['trial'] {
		const { agent, now } = order;
		const row = quotaRows(store).find((one) => one.agent === agent);
		if (!row) return null;
		const { row: on, cycle } = this.#measure.measure(store, agent, cyclesNow(store, row, order)[0]!);
		return {
			...{ id: randomUUID(), agent, level: 0, raised: now, used: cycle.used, webhook: row.webhook },
			...{ state: 'none', tries: 0, outcome: null },
			...{ settings: on.settings, zone: on.zone, cycle: { from: on.from, to: on.to } },
		};
	}

	#state(store: Store, row: QuotaRow, present: Present): QuotaState {
		const { agent, webhook } = row;
		const cycles = cyclesNow(store, row, present);
		const current = this.#measure.measure(store, agent, cycles[0]!);
		return {
			agent,
			settings: JSON.parse(row.settings) as QuotaSettings,
			zone: current.row.zone,
			webhook: webhook === null ? null : shownWebhook(webhook),
			cycle: current.cycle,
			forecast: this.#measure.forecast(store, agent, current, present.now),
			alerts: alertsOf(store, current.row.id),
			past: this.#measure.measureEnded(store, agent, cycles).map(({ cycle }) => cycle),
		};
	}
}

function quotaRows(store: Store): QuotaRow[] {
	return rows(
		store,
		`SELECT quota.agent, settings, webhook, tz FROM quota LEFT JOIN text ON text.value = quota.agent
		LEFT JOIN agent ON agent.name = text.id ORDER BY quota.agent`,
		[],
	);
}

/** In the quota's zone: the one it names, or the agent's, or the master's. */
function cyclesNow(store: Store, { agent, settings: text, tz }: QuotaRow, present: Present): CycleRow[] {
	const settings = JSON.parse(text) as QuotaSettings;
	const zone = settings.zone ?? (tz !== null && isZone(tz) ? tz : present.zone);
	return advance(store, agent, { settings, zone, now: present.now });
}

/** With its cycles and alerts. False: there was none. */
export function removeQuota(store: Store, agent: string): boolean {
	rows(store, 'DELETE FROM alert WHERE cycle IN (SELECT id FROM cycle WHERE agent = ?)', [agent]);
	rows(store, 'DELETE FROM cycle WHERE agent = ?', [agent]);
	return rows(store, 'DELETE FROM quota WHERE agent = ? RETURNING agent', [agent]).length > 0;
}
