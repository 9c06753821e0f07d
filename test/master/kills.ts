// A master that is killed again and again in the middle of requests, and an agent that sends until it is told.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Row } from '../../src/wire.ts';
import { scratchFolder } from '../fakes/master.ts';
import { post, run, summary } from '../fakes/masterprogram.ts';
import { randomFrom } from '../fakes/random.ts';
import { netmonBody, record, row, uuid } from './body.ts';

/** In the end the master has each row once. */
export async function killAndCount(t: TestContext, kills: number, seed: number): Promise<void> {
	const database = join(scratchFolder(t), 'm.db');
	const random = randomFrom(seed);
	let [acked, up, seq] = [0, 0, 0];
	const waiting: Row[] = [];
	for (let kill = 0; kill < kills; kill += 1) {
		const { url, end } = await run(t, database);
		let alive = true;
		const rounds = 3 + Math.floor(random() * 30);
		for (let round = 0; round < rounds && alive; round += 1) {
			for (let i = 0; i < 20; i += 1) {
				seq += 1;
				const bytes = Math.floor(random() * 1e6);
				up += bytes;
				waiting.push(row({ seq, record: 1 + (seq % 7), up: bytes, down: 0 }));
			}
			const records = Array.from({ length: 7 }, (_, at) => [at + 1, record({ id: uuid(at) })] as const);
			const sent = post(url, netmonBody(waiting, records, { after: acked, instance: `life${kill}` }));
			if (round === rounds - 1) {
				// In the middle of a request, wherever that is.
				setTimeout(() => void end('SIGKILL'), random() * 20);
				alive = false;
			}
			try {
				acked = (await sent).netmon!.acked;
				waiting.splice(0, waiting.filter((one) => one.seq <= acked).length);
			} catch {
				// Not acknowledged, so it comes again.
			}
		}
		await end('SIGKILL');
	}
	const { url } = await run(t, database);
	if (waiting.length > 0) await post(url, netmonBody(waiting, [[1, record()]], { after: acked, instance: 'last' }));
	assert.equal(((await summary(url)) as { upload: number }).upload, up);
}
