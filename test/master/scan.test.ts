import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parcelOf } from '../../src/master/batch/packing.ts';
import { openParcel, type Parcel, packParcel, portLimit, textColumns } from '../../src/master/batch/parcel.ts';
import { scanSync } from '../../src/master/batch/scan.ts';
import { parseSync } from '../../src/master/batch/syncbody.ts';
import type { WireRecord } from '../../src/wire.ts';
import { randomFrom } from '../fakes/random.ts';
import { netmonBody, oldBody, record, row, uuid } from './body.ts';

/** What a parcel says of each record, after it was written and read. */
function told(parcel: Parcel) {
	const { count, texts, columns, names, ...rest } = openParcel(packParcel(parcel));
	const port = (value: number) => (value < portLimit ? String(value) : texts[value - portLimit]);
	return Array.from({ length: count }, (_, at) => ({
		...{ agent: rest.agent, timestamp: rest.timestamp, netmon: rest.netmon },
		id:
			names instanceof Uint8Array
				? Buffer.from(names.subarray(at * 16, at * 16 + 16)).toString('hex')
				: texts[names[at]!],
		...{ start: rest.starts[at], last: rest.lasts[at], up: rest.ups[at], down: rest.downs[at] },
		...{ from: port(rest.sourcePorts[at]!), to: port(rest.destinationPorts[at]!) },
		...Object.fromEntries(
			textColumns.map((name) => {
				const column = columns[name];
				return [name, texts[typeof column === 'number' ? column : column[at]!]];
			}),
		),
	}));
}

function careful(body: Buffer) {
	const batch = parseSync(body);
	return 'error' in batch ? null : told(parcelOf(batch));
}

const seed = Number(process.env.NETMON_SEED ?? 1);

function someRecords(random: () => number, count: number): WireRecord[] {
	const one = <T>(...choices: T[]) => choices[Math.floor(random() * choices.length)]!;
	return Array.from({ length: count }, (_, at) =>
		record({
			id: uuid(at + 1),
			agent_id: one('home', 'home', null, 'other'),
			host: one('', 'a.example', 'ü.example', '日本', 'quote"', 'back\\', 'back\\"', '\u0001', '\ud800', '\\u0041'),
			start: one('2026-01-01T00:00:00.5Z', '2026-01-01T23:59:59+02:00', '2026-01-02T03:04:05.123456789+00:00'),
			last_updated: one('2026-01-03T00:00:10.1+00:00', '2026-01-03 01:02:03Z', '2026-01-03T04:05:06Z'),
			download: one(0, 1, 4096, 2 ** 40, 2 ** 48),
			upload: Math.floor(random() * 1e9),
			source_port: one('0', '443', '65535', '65536', '0443', '', 'x'),
			uid: one(0, 1000, 2 ** 40),
			chains: one('["DIRECT"]', '["P","node-a"]', '[]', ''),
		}),
	);
}

test(`it reads the usual body as the careful way does (seed ${seed})`, () => {
	const random = randomFrom(seed);
	for (let round = 0; round < 40; round += 1) {
		const body = oldBody(someRecords(random, Math.floor(random() * 30)));
		const scanned = scanSync(body);
		assert.ok(scanned, body.toString());
		assert.deepEqual(told(scanned), careful(body));
	}
});

test(`it takes no body that the careful way would not take, and none otherwise (seed ${seed})`, () => {
	const random = randomFrom(seed);
	const pick = (limit: number) => Math.floor(random() * limit);
	const pieces = [
		'"',
		'\\',
		'{',
		'}',
		'[',
		']',
		',',
		':',
		'0',
		'9',
		'-',
		'.',
		'e',
		' ',
		'\n',
		'\0',
		'é',
		'null',
		'"connections":[',
	];
	let taken = 0;
	for (let round = 0; round < 3_000; round += 1) {
		const body = oldBody(someRecords(random, 1 + pick(3)));
		const [at, cut] = [pick(body.length), pick(3)];
		const piece = Buffer.from(pieces[pick(pieces.length)]!);
		const changed = Buffer.concat([body.subarray(0, at), piece, body.subarray(at + cut)]);
		const scanned = scanSync(changed);
		if (!scanned) continue;
		taken += 1;
		assert.deepEqual(told(scanned), careful(changed), changed.toString());
	}
	assert.ok(taken > 100, `${taken} of them were taken`);
});

test('it leaves what is unusual to the careful way', () => {
	const text = oldBody([record(), record({ id: uuid(2) })]).toString();
	const swapped = text.replace(/("download":\d+),("upload":\d+)/, '$2,$1');
	for (const body of [
		text.replaceAll(':', ': '),
		swapped,
		text.replace('"dscp":0', '"dscp":0,"more":1'),
		text.replace(record().id, 'not-a-uuid'),
		text.replace('1000', '1e3'),
		text.replace('{"agent_id"', '{"connections":[],"agent_id"'),
		text.replace('{"agent_id"', '{"x":{"connections":[]},"agent_id"'),
		netmonBody([row({ seq: 1 })], [[1, record()]]).toString(),
	]) {
		assert.equal(scanSync(Buffer.from(body)), null, body);
	}
});
