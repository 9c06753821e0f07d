import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectionPage } from '../../src/master/answers/list.ts';
import type { Filter, ListQuestion } from '../../src/master/answers/question.ts';
import { randomFrom } from '../fakes/random.ts';
import { oldBody, record, uuid } from './body.ts';
import { newYear, openVault } from './openvault.ts';

const seed = Number(process.env.NETMON_SEED ?? 1);
const hourMs = 3_600_000;

interface Known {
	readonly id: string;
	readonly agent: string;
	readonly host: string;
	readonly device: string;
	readonly class: string;
	readonly network: string;
	readonly start: number;
	readonly last_updated: number;
	readonly download: number;
	readonly upload: number;
	readonly total: number;
}
type Vault = Awaited<ReturnType<typeof openVault>>['vault'];

const is = (dimension: 'agent' | 'host' | 'device' | 'class' | 'network', value: string) =>
	[{ dimension, is: value } as Filter, (one: Known) => one[dimension] === value] as const;
const hostHolds = (text: string) =>
	[{ anyOf: ['host'], contains: text } as Filter, (one: Known) => one.host.includes(text)] as const;
const choices = [
	...[[], [is('agent', 'cabin')], [is('class', 'direct')], [is('device', '192.168.1.3')], [is('host', 'h7.example')]],
	...[
		[is('agent', 'home'), is('class', 'proxy')],
		[is('network', 'udp'), is('class', 'direct')],
	],
	...[
		[hostHolds('9')],
		[hostHolds('h77')],
		[is('agent', 'home'), hostHolds('.example')],
		[is('host', 'nobody.example')],
	],
];

/** Lists of any filter, range, order and page against those that are known. */
function check(vault: Vault, all: readonly Known[], pick: (count: number) => number, phase: string): void {
	const sorts = ['start', 'last_updated', 'download', 'upload', 'total'] as const;
	for (let round = 0; round < 44; round += 1) {
		const filters = choices[round % choices.length]!;
		const sort = sorts[pick(5)]!;
		// Some at whole hours, and those at which a connection was last seen.
		const edge = () => (pick(3) ? newYear + pick(60) * hourMs : all[pick(all.length)]!.last_updated);
		const ends = [edge(), edge()].sort((a, b) => a - b);
		const [from, to] = [pick(2) ? ends[0]! : null, pick(2) ? ends[1]! : null];
		const limit = 1 + pick(40);
		const question: ListQuestion = {
			...{ ask: 'list', filters: filters.map(([filter]) => filter), from, to },
			...{ sort, descending: pick(2) === 1, limit, offset: pick(3) ? 0 : pick(200), after: null },
		};
		const meant = all
			.filter((one) => filters.every(([, holds]) => holds(one)))
			.filter(({ last_updated: last }) => last >= (from ?? 0) && last <= (to ?? Infinity))
			.sort((a, b) => (question.descending ? b[sort] - a[sort] : a[sort] - b[sort]));
		const why = `${phase}, round ${round}: ${JSON.stringify(question)}`;
		const ids = (page: ConnectionPage) => page.rows.map(({ id }) => id);
		const page = vault.ask(question) as ConnectionPage;
		const expected = meant.map(({ id }) => id).slice(question.offset);
		assert.equal(page.totalCount, meant.length, why);
		assert.deepEqual(ids(page), expected.slice(0, limit), why);
		assert.equal(page.next !== null, expected.length > limit, why);
		if (page.next === null) continue;
		const second = vault.ask({ ...question, offset: 0, after: page.next }) as ConnectionPage;
		assert.deepEqual(ids(second), expected.slice(limit, 2 * limit), `after ${page.next}, ${why}`);
		assert.equal(second.totalCount, null, why);
	}
}

test(`it lists and counts what is there, whatever has gone and comes late (seed ${seed})`, async (t) => {
	const { vault, take } = await openVault(t);
	const random = randomFrom(seed);
	const pick = (count: number) => Math.floor(random() * count);
	const known = new Map<string, Known>();
	let [next, grown] = [1, 0];
	const send = (count: number, hours: readonly [number, number]) => {
		const made = Array.from({ length: count }, (): Known => {
			// A few grow on, and are seen later; of the others no two values are equal.
			const old = pick(20) === 0 ? [...known.values()][pick(known.size)] : undefined;
			const n = old ? Number.parseInt(old.id.slice(-6), 16) : next++;
			const at = newYear + (hours[0] + random() * (hours[1] - hours[0])) * hourMs;
			const last_updated = Math.max(Math.floor(at / 16_000) * 16_000 + (n % 15_991), (old?.last_updated ?? 0) + 1);
			const download = old ? old.download + ++grown : ((n * 7919) % 100_003) * 3_000;
			const upload = old ? old.upload + ++grown : ((n * 104_729) % 100_019) * 400_007_000;
			const start = old?.start ?? last_updated - pick(50) * 60_000;
			const site = n % 97;
			const one = {
				...{ id: uuid(n), agent: n % 5 ? 'home' : 'cabin', host: `h${site}.example`, device: `192.168.1.${n % 8}` },
				...{ class: site % 3 ? 'proxy' : 'direct', network: site % 4 ? 'tcp' : 'udp', start, last_updated },
				...{ download, upload, total: download + upload },
			};
			known.set(one.id, one);
			return one;
		});
		for (const agent of ['home', 'cabin']) {
			const records = made
				.filter((one) => one.agent === agent)
				.map((one) => {
					const { id, host, network, device: source_ip, download, upload } = one;
					const [start, last_updated] = [one.start, one.last_updated].map((time) => new Date(time).toISOString());
					const chains = one.class === 'direct' ? '["DIRECT"]' : '["P","a"]';
					return record({
						id,
						host,
						network,
						source_ip,
						download,
						upload,
						start: start!,
						last_updated: last_updated!,
						chains,
					});
				});
			take(oldBody(records, agent));
		}
	};
	const gone = (lost: (one: Known) => boolean) => {
		for (const one of known.values()) if (lost(one)) known.delete(one.id);
	};
	for (let at = 0; at < 6; at += 1) send(400, [at * 8, at * 8 + 8]);
	check(vault, [...known.values()], pick, 'all are there');
	const before = newYear + 10.3 * hourMs;
	while (vault.retire({ connectionsBefore: before, usageBefore: 0 }));
	gone(({ last_updated }) => last_updated < before);
	check(vault, [...known.values()], pick, 'the old ones went');
	send(50, [5, 12]);
	check(vault, [...known.values()], pick, 'some came late');
	vault.forget({ agent: null, device: '192.168.1.3', host: null, before: null });
	gone(({ device }) => device === '192.168.1.3');
	check(vault, [...known.values()], pick, 'one device was forgotten');
	send(400, [50, 58]);
	check(vault, [...known.values()], pick, 'life went on');
});
