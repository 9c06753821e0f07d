// A year of a home in a file that `netmon-master --database FILE` serves, the same for the same options. It goes in as
// agents' batches do, day by day, through the store's own face.
import { existsSync } from 'node:fs';
import { readSync } from '../../src/master/batch/packing.ts';
import type { QuotaSettings } from '../../src/master/quota/quota.ts';
import { Vault } from '../../src/master/store/vault.ts';
import { oldAgentBody, YearBooks } from './yearbooks.ts';
import { agents } from './yearcast.ts';
import { dayOf } from './yearday.ts';

export interface YearOptions {
	/** Must not exist yet. */
	readonly path: string;
	/** About so many. */
	readonly connections: number;
	/** ms since the Unix epoch; nothing flows from then on. */
	readonly end: number;
	readonly seed: number;
	/** Before the end; a year where nothing else is said. */
	readonly days?: number;
}

const dayMs = 86_400_000;
const year = 365;
/** Visits of a usual year weigh 1. */
const usual = 120_000;
/** Days that go in together. */
const daysAtOnce = 7;

/** Resolves with how many connections there are. */
export async function makeYear({ path, connections, end, seed, days = year }: YearOptions): Promise<number> {
	if (existsSync(path)) throw new Error(`${path} exists already`);
	const { vault } = await Vault.open(path, end);
	try {
		const last = Math.floor((end - 1) / dayMs);
		const first = last - days + 1;
		const books = agents.filter(({ kind }) => kind === 'netmon').map((agent) => new YearBooks(agent, end));
		let old = 0;
		let id = 0;
		let batches: { id: number; came: number; body: Uint8Array }[] = [];
		for (let day = first; day <= last; day += 1) {
			const came = Math.min(end, (day + 1) * dayMs);
			for (const agent of agents) {
				const visits = (connections / days) * agent.share;
				const all = dayOf({ agent, day, visits, weight: (usual * days) / year / connections, seed });
				const seen = all.filter(({ start }) => start < end);
				const book = books.find((one) => one.agent === agent);
				if (!book) old += seen.length;
				const body = book ? book.body(seen, day, came) : oldAgentBody(agent, seen, came);
				if (body) batches.push({ id: ++id, came, body: packed(body) });
			}
			if ((day - first) % daysAtOnce < daysAtOnce - 1 && day < last) continue;
			vault.move(batches);
			batches = [];
			watch(vault, { came, first: day - first < daysAtOnce, late: day === last });
		}
		vault.settle();
		return books.reduce((sum, { connections: seen }) => sum + seen, old);
	} finally {
		vault.close();
	}
}

/** As the intake hands it on. */
function packed(body: Buffer): Uint8Array {
	const batch = readSync(body);
	if ('error' in batch) throw new Error(batch.error);
	return batch.parcel;
}

const quota = (over: Partial<QuotaSettings>): QuotaSettings => ({
	...{ startDay: 1, zone: null, limit: 400e9, counts: 'wan', direction: 'both', levels: [80, 100] },
	...over,
});

/** Quotas as their owner made them: two from the first week on, one when the cabin's line was changed. */
function watch(vault: Vault, { came: now, first, late }: { came: number; first: boolean; late: boolean }): void {
	const set = (agent: string, settings: QuotaSettings, usedBefore: number) =>
		vault.quotas({
			...{ ask: 'set', agent, now, zone: 'Europe/Berlin' },
			change: { settings, usedBefore, webhook: undefined },
		});
	if (first) {
		set('home', quota({ levels: [50, 80, 100] }), 60e9);
		set('office', quota({ startDay: 15, limit: 15e9, counts: 'proxy' }), 0);
	}
	if (late) set('cabin', quota({ startDay: 28, limit: 50e9, counts: 'all', direction: 'down' }), 1.5e9);
	const reached = vault.quotas({ ask: 'check', now, zone: 'Europe/Berlin' }) as { id: string }[];
	vault.quotas({ ask: 'logged', ids: reached.map(({ id }) => id) });
}
