import assert from 'node:assert/strict';
import { test } from 'node:test';
import { piecesOf, spansOf } from '../../src/master/answers/pieces.ts';
import { FakeClock } from '../fakes/clock.ts';
import { startMaster } from '../fakes/master.ts';
import { randomFrom } from '../fakes/random.ts';
import { netmonBody, record, row } from './body.ts';
import { newYear } from './openvault.ts';

const seed = Number(process.env.NETMON_SEED ?? 1);
test(`it covers each range once, whatever cuts it and whatever is gone (seed ${seed})`, () => {
	const random = randomFrom(seed);
	const pick = (count: number) => Math.floor(random() * count);
	for (let round = 0; round < 500; round += 1) {
		const cuts = [...new Set(Array.from({ length: 2 + pick(5) }, () => pick(120)))].sort((a, b) => a - b);
		const range = { from: cuts[0]!, to: cuts.at(-1)! };
		const kept = 12 * pick(11);
		const covered = new Map<number, number>();
		for (const { table, from, to } of piecesOf(range, kept, cuts.slice(1, -1))) {
			for (let at = from; at < to; at += 1) {
				// An hour that is counted whole stands for all its buckets.
				const buckets = table === 'usage' ? [at] : Array.from({ length: 12 }, (_, i) => at * 12 + i);
				for (const bucket of buckets) covered.set(bucket, (covered.get(bucket) ?? 0) + 1);
				if (table === 'usage') assert.ok(at >= kept, 'no row that is gone is asked for');
			}
		}
		const inSpans = new Map<number, number>();
		for (const { table, from, to, at } of spansOf(cuts, kept)) {
			const width = table === 'usage' ? 1 : 12;
			for (let one = from; one < to; one += 1) {
				assert.ok(cuts[at]! <= one * width && one * width < cuts[at + 1]!, `${one} of ${table} begins in bucket ${at}`);
				for (let i = 0; i < width; i += 1) inSpans.set(one * width + i, (inSpans.get(one * width + i) ?? 0) + 1);
			}
		}
		assert.deepEqual(inSpans, covered, `${JSON.stringify({ cuts, kept })}, round ${round}`);
		for (let bucket = 0; bucket < 132; bucket += 1) {
			const begin = bucket - (bucket % 12);
			const cut = cuts.some((edge) => edge > begin && edge < begin + 12);
			const place = cut && begin < kept ? begin : bucket;
			const expected = place >= range.from && place < range.to ? 1 : 0;
			assert.equal(covered.get(bucket) ?? 0, expected, `${JSON.stringify({ cuts, kept, bucket })}, round ${round}`);
		}
	}
});

test('it answers for a zone with half hours when 5-minute rows are gone, and says that it is approximate', async (t) => {
	const master = await startMaster(t, { clock: new FakeClock(newYear) });
	const rows = Array.from({ length: 96 }, (_, at) =>
		row({ seq: at + 1, bucket: newYear / 1000 + at * 1800 + 300, up: 0, down: 1000 + at }),
	);
	const headers = { 'Content-Type': 'application/json' };
	const body = netmonBody(rows, [[1, record()]]);
	assert.equal((await fetch(`${master.url}/api/v1/sync`, { method: 'POST', headers, body })).status, 200);
	const ask = async (query: string) => {
		const answer = await fetch(`${master.url}/api/v1/stats?from=2026-01-01&to=2026-01-03&tz=Asia/Kolkata&${query}`);
		return (await answer.json()) as { data: never; approximate?: true };
	};
	const days = async () => {
		const { data, approximate } = await ask('type=timeseries&metric=download');
		return [(data as { value: number }[]).map(({ value }) => value), approximate];
	};
	// The first day begins at 18:30 UTC the day before.
	const sum = (from: number, to: number) => rows.slice(from, to).reduce((total, { down }) => total + down, 0);
	assert.deepEqual(await days(), [[sum(0, 37), sum(37, 85)], undefined]);
	const { data: exact } = await ask('type=summary');
	assert.equal((exact as { download: number }).download, sum(0, 85));
	await master.vault.call('retire', [{ connectionsBefore: 0, usageBefore: newYear + 5 * 86_400_000 }]);
	// Each hour as a whole, where it begins: 18:00 to the first day, that of the second day's end to it.
	assert.deepEqual(await days(), [[sum(0, 38), sum(38, 86)], true]);
	const { data, approximate } = await ask('type=summary');
	assert.deepEqual([(data as { download: number }).download, approximate], [sum(0, 86), true]);
	const { data: balance } = await ask('type=balance');
	assert.equal((balance as { core: { download: number } }).core.download, sum(0, 86));
	const split = await ask('type=timeseries&metric=download&split_by=host');
	assert.deepEqual(
		(split.data as { points: { value: number }[] }[])[0]!.points.map(({ value }) => value),
		[sum(0, 38), sum(38, 86)],
	);
});
