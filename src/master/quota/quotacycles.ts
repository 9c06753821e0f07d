// The rows of the table `cycle`: one for each cycle that a quota was there for, with the settings it had at its end. So
// bytes that come late are measured by what held then.

import { rows, type Store } from '../answers/sums.ts';
import { type Cycle, cycleAt } from './cycle.ts';
import type { QuotaSettings } from './quota.ts';

export interface CycleRow extends Cycle {
	readonly id: number;
	readonly zone: string;
	readonly settings: QuotaSettings;
	/** Bytes from before netmon counted. */
	readonly before: number;
}

/** Two years of history. */
const kept = 24;
/** Of the time without a look, one year: a clock that is wrong once must not push out what is kept. */
const madeAtOnce = 12;
const dayMs = 86_400_000;
/** A cycle that begins so far ahead was made by a clock that was wrong. */
const longestMs = 32 * dayMs;

/** The newest first. */
export function cyclesOf(store: Store, agent: string): CycleRow[] {
	return rows<Omit<CycleRow, 'settings'> & { settings: string }>(
		store,
		'SELECT id, since AS "from", until AS "to", zone, settings, before FROM cycle WHERE agent = ? ORDER BY since DESC',
		[agent],
	).map((row) => ({ ...row, settings: JSON.parse(row.settings) as QuotaSettings }));
}

/**
 * Brings the rows up to `now` (ms since the Unix epoch): the cycle that is on has these settings, those that ended
 * meanwhile get rows. Answers all of them, the newest first; the first one holds `now`, unless the clock went back.
 */
export function advance(
	store: Store,
	agent: string,
	{ settings, zone, now }: { settings: QuotaSettings; zone: string; now: number },
): CycleRow[] {
	const before = cyclesOf(store, agent);
	const text = JSON.stringify(settings);
	const insert = ({ from, to }: Cycle) =>
		rows(store, 'INSERT INTO cycle(agent, since, until, zone, settings, before) VALUES (?, ?, ?, ?, ?, 0)', [
			...[agent, from, to, zone, text],
		]);
	let [last] = before;
	if (last && last.from > now) {
		if (last.from - now < longestMs || !before.some(({ from }) => from <= now)) return before;
		rows(store, 'DELETE FROM alert WHERE cycle IN (SELECT id FROM cycle WHERE agent = ? AND since > ?)', [agent, now]);
		rows(store, 'DELETE FROM cycle WHERE agent = ? AND since > ?', [agent, now]);
		[last] = cyclesOf(store, agent);
	}
	if (!last) insert(cycleAt(now, settings.startDay, zone));
	else if (last.to > now) {
		const moved = last.zone !== zone || last.settings.startDay !== settings.startDay;
		const { from, to } = moved ? cycleAt(now, settings.startDay, zone) : last;
		if (!moved && JSON.stringify(last.settings) === text) return before.filter((row) => row.from <= now);
		const values = [from, to, zone, text, last.id];
		rows(store, 'UPDATE cycle SET since = ?, until = ?, zone = ?, settings = ? WHERE id = ?', values);
	} else {
		let { to } = last;
		if (now - to > madeAtOnce * longestMs) to = cycleAt(now, settings.startDay, zone).from;
		while (to <= now) {
			// Noon, lest another zone than that of the last one cuts off some hours.
			const next = cycleAt(to + dayMs / 2, settings.startDay, zone);
			insert({ from: to, to: next.to });
			to = next.to;
		}
	}
	const all = cyclesOf(store, agent);
	for (const { id } of all.slice(kept)) {
		rows(store, 'DELETE FROM alert WHERE cycle = ?', [id]);
		rows(store, 'DELETE FROM cycle WHERE id = ?', [id]);
	}
	return all.slice(0, kept);
}
