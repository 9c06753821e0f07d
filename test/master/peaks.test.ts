import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectionPage } from '../../src/master/answers/list.ts';
import type { ListQuestion } from '../../src/master/answers/question.ts';
import { peakWidth } from '../../src/master/booking/schema.ts';
import { randomFrom } from '../fakes/random.ts';
import { oldBody, record, uuid } from './body.ts';
import { newYear, openVault } from './openvault.ts';

const seed = Number(process.env.NETMON_SEED ?? 1);
const minuteMs = 60_000;
type Vault = Awaited<ReturnType<typeof openVault>>['vault'];

interface Known {
	/** In the order in which they came. */
	readonly number: number;
	readonly host: string;
	readonly start: number;
	readonly last_updated: number;
	readonly download: number;
	readonly upload: number;
	readonly total: number;
}

const site = (n: number) => `h${n % 3}.example`;
const onlySite = { dimension: 'host', is: site(1) } as const;
const sorts = ['start', 'download', 'upload', 'total'] as const;

/** Every bound holds, and no block has one whose connections are all gone. */
function checkPeaks(vault: Vault, phase: string): void {
	const block = `c.id / ${peakWidth}`;
	const told = vault.query(`SELECT count(*) AS n FROM connection c LEFT JOIN peak ON block = ${block}
		WHERE (c.last - c.age <= peak.start AND c.up <= peak.up AND c.down <= peak.down AND c.up + c.down <= peak.total
			AND c.last >= peak.first AND c.last <= peak.last) IS NOT TRUE`);
	assert.deepEqual(told.rows, [{ n: 0 }], phase);
	const empty = vault.query(`SELECT block FROM peak WHERE block NOT IN (SELECT ${block} FROM connection c)`);
	assert.deepEqual(empty.rows, [], phase);
}

/** Lists against those that are known, page after page. */
function checkLists(vault: Vault, known: readonly Known[], pick: (count: number) => number, phase: string): void {
	checkPeaks(vault, phase);
	for (let round = 0; round < 16; round += 1) {
		const sort = sorts[round % sorts.length]!;
		const filters = pick(3) ? [] : [onlySite];
		const [from, to] = [pick(40), 60 + pick(200)].map((at) => (pick(3) ? null : newYear + at * minuteMs));
		const question: ListQuestion = {
			...{ ask: 'list', filters, from: from!, to: to!, sort, descending: pick(6) > 0 },
			...{ limit: 1 + pick(8), offset: pick(3) ? 0 : pick(9), after: null },
		};
		const meant = known
			.filter(({ host }) => filters.length === 0 || host === onlySite.is)
			.filter(({ last_updated: last }) => last >= (from ?? 0) && last <= (to ?? Infinity))
			.sort((a, b) => a[sort] - b[sort] || a.number - b.number);
		if (question.descending) meant.reverse();
		const expected = meant.slice(question.offset).map(({ number }) => uuid(number));
		const why = `${phase}, round ${round}: ${JSON.stringify(question)}`;
		let page = vault.ask(question) as ConnectionPage;
		assert.equal(page.totalCount, meant.length, why);
		for (let at = 0; ; at += question.limit) {
			const ids = page.rows.map(({ id }) => id);
			assert.deepEqual(ids, expected.slice(at, at + question.limit), `row ${at} on, ${why}`);
			assert.equal(page.next !== null, expected.length > at + question.limit, why);
			if (page.next === null || at >= 4 * question.limit) break;
			page = vault.ask({ ...question, offset: 0, after: page.next }) as ConnectionPage;
		}
	}
}

test(`it lists the largest and the newest in order: ties, growth, erased ones, page by page (seed ${seed})`, async (t) => {
	const { vault, take } = await openVault(t);
	const random = randomFrom(seed);
	const pick = (count: number) => Math.floor(random() * count);
	const known = new Map<number, Known>();
	let next = 1;
	const send = (numbers: readonly number[], [first, minutes]: readonly [number, number]) => {
		const records = numbers.map((number) => {
			const old = known.get(number);
			// Few values, so that many are equal; the highest are rare.
			const more = () => (pick(25) === 0 ? pick(6) * 100_000 : pick(6) * 10);
			const last_updated = Math.max(newYear + (first + pick(minutes)) * minuteMs, (old?.last_updated ?? 0) + 1);
			const start = old?.start ?? last_updated - pick(20) * minuteMs;
			const [download, upload] = [(old?.download ?? 0) + more(), (old?.upload ?? 0) + more()];
			const one = { number, host: site(number), start, last_updated, download, upload, total: download + upload };
			known.set(number, one);
			const [started, seen] = [start, last_updated].map((time) => new Date(time).toISOString());
			return record({
				...{ id: uuid(number), host: one.host, source_ip: `192.168.1.${number % 4}`, download, upload },
				...{ start: started!, last_updated: seen! },
			});
		});
		take(oldBody(records));
	};
	const fresh = (count: number) => Array.from({ length: count }, () => next++);
	const gone = (lost: (one: Known) => boolean) => {
		for (const one of known.values()) if (lost(one)) known.delete(one.number);
	};
	const check = (phase: string) => checkLists(vault, [...known.values()], pick, phase);
	for (let at = 0; at < 3; at += 1) send(fresh(1000), [at * 60, 60]);
	check('all are new');
	send(
		[...known.keys()].filter(() => pick(12) === 0),
		[100, 120],
	);
	check('some have grown');
	const before = newYear + 50 * minuteMs;
	while (vault.retire({ connectionsBefore: before, usageBefore: 0 }));
	gone(({ last_updated }) => last_updated < before);
	check('the old ones went');
	vault.forget({ agent: null, device: '192.168.1.3', host: null, before: null });
	gone(({ number }) => number % 4 === 3);
	check('one device was forgotten');
	send([...fresh(300), ...[...known.keys()].filter(() => pick(12) === 0)], [200, 60]);
	check('life went on');
	vault.forget({ agent: 'home', device: null, host: null, before: null });
	assert.deepEqual(vault.query('SELECT count(*) AS n FROM peak').rows, [{ n: 0 }]);
});

test('it forgets what a transaction saw that was taken back', async (t) => {
	const { vault, take } = await openVault(t);
	take(oldBody([record({ download: 10 })]));
	assert.throws(() => take(oldBody([record({ id: uuid(2), download: 1e9 })]), Buffer.from('no parcel')));
	take(oldBody([record({ id: uuid(3), download: 20 })]));
	assert.deepEqual(vault.query('SELECT down FROM peak').rows, [{ down: 20 }]);
});
