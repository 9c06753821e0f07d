// A master that is killed again and again in the middle of requests, and two agents that send until they are told.
import assert from 'node:assert/strict';
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { masterApplicationId, masterSchema } from '../../src/master/booking/schema.ts';
import { openDatabase } from '../../src/system/database.ts';
import type { Row } from '../../src/wire.ts';
import { scratchFolder } from '../fakes/master.ts';
import { post, run, summary } from '../fakes/masterprogram.ts';
import { randomFrom } from '../fakes/random.ts';
import { netmonBody, record, row, uuid } from './body.ts';

const days = 3;
const daySeconds = 86_400;
const first = Date.UTC(2026, 0, 1) / 1000;

interface Sender {
	readonly name: string;
	seq: number;
	acked: number;
	readonly waiting: Row[];
	/** What the core moved upwards, by day. */
	readonly truth: number[];
}

/** So long that a dozen bodies are more than may wait in the inbox: the vault takes them while nobody asks. */
function longRecord(at: number) {
	const long = (letter: string) => `${letter.repeat(3_900)}${at}`;
	const texts = { host: long('h'), process: long('p'), process_path: long('f'), sniff_host: long('s') };
	return record({ id: uuid(at), ...texts, rule_payload: long('r') });
}

/** Whether there are notes of sums that nobody has settled, as the next start finds them. */
async function owes(database: string): Promise<boolean> {
	const copy = `${database}-copy`;
	for (const end of ['', '-wal']) if (existsSync(database + end)) copyFileSync(database + end, copy + end);
	const opened = await openDatabase(copy, { applicationId: masterApplicationId, schema: masterSchema });
	if ('damaged' in opened) throw new Error(opened.damaged);
	const notes = Number(opened.value('SELECT count(*) FROM owed'));
	opened.close();
	return notes > 0;
}

/** In the end the master has each row once: for every agent and day, attributed + unattributed is what the core gained. */
export async function killAndCount(t: TestContext, kills: number, seed: number): Promise<void> {
	const database = join(scratchFolder(t), 'm.db');
	const random = randomFrom(seed);
	const pick = (count: number) => Math.floor(random() * count);
	const senders = ['attic', 'cellar'].map(
		(name): Sender => ({ name, seq: 0, acked: 0, waiting: [], truth: Array(days).fill(0) }),
	);
	const records = Array.from({ length: 7 }, (_, at) => [at + 1, longRecord(at)] as const);
	const grow = (sender: Sender) => {
		for (let i = 0; i < 20; i += 1) {
			sender.seq += 1;
			const [day, up, named] = [pick(days), pick(1e6), pick(4) > 0];
			sender.truth[day]! += up;
			const bucket = first + day * daySeconds + 300 * pick(288);
			const kind = named ? 'usage' : 'unattributed';
			sender.waiting.push(row({ seq: sender.seq, kind, bucket, record: named ? 1 + pick(7) : null, up, down: 0 }));
		}
	};
	const send = async (url: string, { waiting, ...sender }: Sender, instance: string): Promise<number> => {
		const body = netmonBody(waiting, records, { agent: sender.name, after: sender.acked, instance });
		const { acked } = (await post(url, body)).netmon!;
		waiting.splice(0, waiting.filter((one) => one.seq <= acked).length);
		return acked;
	};
	/** Lives that ended with notes in the file, and those within a question: while sums were settled, or before. */
	const ended = { owing: 0, asked: 0 };
	for (let kill = 0; kill < kills; kill += 1) {
		const { url, end } = await run(t, database);
		const rounds = 3 + pick(30);
		for (let round = 0; round < rounds; round += 1) {
			const sender = senders[pick(2)]!;
			grow(sender);
			const sent = send(url, sender, `life${kill}`);
			// In the middle of a request, wherever that is.
			const isLast = round === rounds - 1;
			if (isLast) setTimeout(() => void end('SIGKILL'), random() * 20);
			const unanswered = () => {
				ended.asked += 1;
			};
			const asked = isLast && kill % 2 === 0 ? summary(url).catch(unanswered) : null;
			try {
				sender.acked = await sent;
			} catch {
				// Not acknowledged, so it comes again.
			}
			await asked;
		}
		await end('SIGKILL');
		if (await owes(database)) ended.owing += 1;
	}
	assert.ok(ended.owing > 0 && ended.asked > 0, JSON.stringify(ended));
	t.diagnostic(JSON.stringify(ended));
	const { url } = await run(t, database);
	for (const sender of senders) {
		if (sender.waiting.length > 0) await send(url, sender, 'last');
		assert.deepEqual(await perDay(url, sender.name), sender.truth, sender.name);
		const { data } = (await (await fetch(`${url}/api/v1/stats?type=summary&agent_id=${sender.name}`)).json()) as {
			data: { upload: number };
		};
		const all = sender.truth.reduce((sum, up) => sum + up, 0);
		assert.equal(data.upload, all, `${sender.name}, all times`);
	}
}

/** By two ways: over time, and as the balance of each day. */
async function perDay(url: string, agent: string): Promise<number[]> {
	const ask = async (query: string) =>
		((await (await fetch(`${url}/api/v1/stats?agent_id=${agent}&tz=UTC&${query}`)).json()) as { data: never }).data;
	const series = (await ask('type=timeseries&metric=upload&from=2026-01-01&to=2026-01-04')) as { value: number }[];
	const values = series.map(({ value }) => value);
	for (const [day, value] of values.entries()) {
		const [from, to] = [1 + day, 2 + day].map((date) => `2026-01-0${date}`);
		type Side = { upload: number };
		const sides = (await ask(`type=balance&from=${from}&to=${to}`)) as Record<
			'core' | 'attributed' | 'unattributed',
			Side
		>;
		assert.equal(sides.attributed.upload + sides.unattributed.upload, value);
		assert.equal(sides.core.upload, value);
	}
	return values;
}
