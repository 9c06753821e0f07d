// The rows of the table `alert`: that a level was reached in a cycle, once, and how far telling it has come.
import { randomUUID } from 'node:crypto';
import { rows, type Store } from '../answers/sums.ts';
import { type QuotaSettings, reaches } from './quota.ts';
import type { CycleRow } from './quotacycles.ts';

export type DeliveryState = 'none' | 'waiting' | 'delivered' | 'failed';

export interface Alert {
	readonly id: string;
	readonly level: number;
	/** ms since the Unix epoch. */
	readonly raised: number;
	/** Bytes of the cycle when it was seen. */
	readonly used: number;
	/** Of the webhook; `none`: there was none. */
	readonly state: DeliveryState;
	readonly tries: number;
	/** What came of the last try. */
	readonly outcome: string | null;
}

/** With what whoever is told must know. */
export interface AlertNews extends Alert {
	readonly agent: string;
	readonly settings: QuotaSettings;
	readonly zone: string;
	readonly cycle: { readonly from: number; readonly to: number };
}

/** One that is due, and where to. */
export interface DueAlert extends AlertNews {
	readonly webhook: string;
}

export type Outcome =
	| { readonly state: 'delivered'; readonly outcome: string }
	| { readonly state: 'refused'; readonly outcome: string };

const maxTries = 12;
const minuteMs = 60_000;
/** 1, 2, 4, ... minutes, then every 4 hours: 12 tries in 21 hours. */
const waitMs = (tries: number) => Math.min(2 ** (tries - 1), 240) * minuteMs;

const columns = 'alert.id, level, raised, used, state, tries, outcome';

export function alertsOf(store: Store, cycle: number): Alert[] {
	return rows(store, `SELECT ${columns} FROM alert WHERE cycle = ? ORDER BY level`, [cycle]);
}

/** Raises what is reached and was not yet. */
export function raise(store: Store, cycle: CycleRow, { used, now }: { used: number; now: number }): void {
	for (const level of cycle.settings.levels) {
		if (!reaches(cycle.settings, level, used)) continue;
		rows(
			store,
			`INSERT OR IGNORE INTO alert SELECT ?, ?, ?, ?, ?, 0, CASE WHEN webhook IS NULL THEN 'none' ELSE 'waiting' END, 0, ?, NULL
			FROM quota WHERE agent = (SELECT agent FROM cycle WHERE id = ?)`,
			[randomUUID(), cycle.id, level, now, used, now, cycle.id],
		);
	}
}

/** After other settings: a level that is no longer reached may be reached again. */
export function rearm(store: Store, cycle: CycleRow, used: number): void {
	for (const { id, level } of alertsOf(store, cycle.id)) {
		if (!reaches(cycle.settings, level, used)) rows(store, 'DELETE FROM alert WHERE id = ?', [id]);
	}
}

/** After another webhook: what could not be told in this cycle goes there. Without one nothing waits. */
export function redirect(
	store: Store,
	cycle: CycleRow,
	{ webhook, now }: { webhook: string | null; now: number },
): void {
	if (webhook === null) {
		rows(store, "UPDATE alert SET state = 'none' WHERE cycle = ? AND state IN ('waiting', 'failed')", [cycle.id]);
		return;
	}
	rows(
		store,
		"UPDATE alert SET state = 'waiting', tries = 0, next = ? WHERE cycle = ? AND state IN ('waiting', 'failed')",
		[now, cycle.id],
	);
}

type NewsRow = Omit<DueAlert, 'settings' | 'cycle'> & { settings: string; since: number; until: number };

const news = `SELECT ${columns}, cycle.agent, cycle.settings, zone, since, until, webhook FROM alert
	JOIN cycle ON cycle.id = alert.cycle JOIN quota ON quota.agent = cycle.agent`;

function told({ settings, since, until, ...rest }: NewsRow): DueAlert {
	return { ...rest, settings: JSON.parse(settings) as QuotaSettings, cycle: { from: since, to: until } };
}

/** What no log line has told yet. */
export function unlogged(store: Store): AlertNews[] {
	return rows<NewsRow>(store, `${news} WHERE logged = 0 ORDER BY since, cycle.agent, level`, []).map((row) => {
		const { webhook, ...rest } = told(row);
		return rest;
	});
}

export function setLogged(store: Store, ids: readonly string[]): void {
	for (const id of ids) rows(store, 'UPDATE alert SET logged = 1 WHERE id = ?', [id]);
}

/** The next one to be sent. */
export function due(store: Store, now: number): DueAlert | null {
	const waits = `${news} WHERE state = 'waiting' AND webhook IS NOT NULL AND next <= ? ORDER BY next, since, level LIMIT 1`;
	const [row] = rows<NewsRow>(store, waits, [now]);
	return row ? told(row) : null;
}

/** Answers whether it was given up. */
export function settle(store: Store, id: string, { state, outcome }: Outcome, now: number): boolean {
	const [row] = rows<{ tries: number }>(
		store,
		"UPDATE alert SET tries = tries + 1, outcome = ? WHERE id = ? AND state = 'waiting' RETURNING tries",
		[outcome, id],
	);
	if (!row) return false;
	const givenUp = state === 'refused' && row.tries >= maxTries;
	const next = state === 'delivered' ? 'delivered' : givenUp ? 'failed' : 'waiting';
	rows(store, 'UPDATE alert SET state = ?, next = ? WHERE id = ?', [next, now + waitMs(row.tries), id]);
	return givenUp;
}
