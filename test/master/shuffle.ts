// Batches that come repeated, reordered, overlapping and cut, of two epochs under one name: the sums are the rows', once.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import type { Row } from '../../src/wire.ts';
import { randomFrom } from '../fakes/random.ts';
import { netmonBody, record, row, uuid } from './body.ts';
import { everything, openVault } from './openvault.ts';

/** Each round deals some rows to some batches, sends them in any order, and then what is missing, in order. */
export async function shuffle(t: TestContext, rounds: number, seed: number): Promise<void> {
	const { vault, take } = await openVault(t);
	const random = randomFrom(seed);
	const pick = (count: number) => Math.floor(random() * count);
	const truth = { u: 0, d: 0 };
	const seqs = new Map([
		['e1', 0],
		['e2', 0],
	]);
	for (let round = 0; round < rounds; round += 1) {
		const epoch = ['e1', 'e2'][pick(2)]!;
		const before = seqs.get(epoch)!;
		const rows: Row[] = [];
		for (let count = 1 + pick(6), seq = before; count > 0; count -= 1) {
			seq += pick(4) === 0 ? 1 + pick(3) : 1;
			const kind = (['usage', 'unattributed'] as const)[pick(2)]!;
			const one = row({ seq, kind, record: kind === 'usage' ? 1 + pick(5) : null, up: pick(100), down: pick(900) });
			rows.push(one);
			truth.u += one.up;
			truth.d += one.down;
		}
		seqs.set(epoch, rows.at(-1)!.seq);
		const batch = (from: number, to: number) => {
			const records = Array.from({ length: 5 }, (_, at) => [at + 1, record({ id: uuid(at) })] as const);
			return netmonBody(rows.slice(from, to), records, { epoch, after: rows[from - 1]?.seq ?? before });
		};
		const sent = Array.from({ length: pick(5) }, () => {
			const from = pick(rows.length);
			return batch(from, from + 1 + pick(rows.length - from));
		});
		take(...sent, batch(0, rows.length), ...sent.slice(0, 2));
	}
	const { u, d } = vault.ask({ ask: 'summary', ...everything }) as { u: number; d: number };
	assert.deepEqual({ u, d }, truth);
	const acked = vault.state().epochs.map((one) => [one.epoch, one.acked] as const);
	assert.deepEqual(new Map(acked), seqs);
}
