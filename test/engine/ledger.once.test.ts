import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Moment } from '../../src/engine/buckets.ts';
import { CheckpointPacker, unpackCheckpoint } from '../../src/engine/checkpoint.ts';
import { Ledger, type SealedRow } from '../../src/engine/ledger.ts';
import type { Class, Connection } from '../../src/record.ts';
import { connectionOf } from '../fakes/connection.ts';
import { Dice } from '../fakes/dice.ts';

const start = Date.UTC(2026, 2, 1, 8, 0, 0);
const at = (seconds: number, trusted = true): Moment => ({
	wall: start + seconds * 1000,
	mono: 1_000_000 + seconds * 1000,
	trusted,
});
const bucketAt = (seconds: number) => start / 1000 + Math.floor(seconds / 300) * 300;

/** Through bytes, as a later life gets it. */
function reborn(ledger: Ledger, { sameBoot = true } = {}): Ledger {
	const rest = { bootId: 'boot', wall: 0, mono: 0, account: null, wan: null, bypass: null };
	const blob = new CheckpointPacker().pack({ ...rest, ledger: ledger.state() });
	const next = new Ledger();
	next.restore(unpackCheckpoint(blob.slice())!.ledger, { sameBoot });
	return next;
}

function sums(rows: readonly SealedRow[], keyOf: (row: SealedRow) => string): Map<string, [number, number]> {
	const found = new Map<string, [number, number]>();
	for (const row of rows) {
		const sum = found.get(keyOf(row)) ?? [0, 0];
		found.set(keyOf(row), [sum[0] + row.up, sum[1] + row.down]);
	}
	return found;
}

test('it books every byte once: under its connection, class and 5 minutes, through restarts at any moment', () => {
	for (let seed = 1; seed <= 60; seed += 1) {
		const dice = new Dice(seed);
		let ledger = new Ledger();
		const open: Connection[] = [];
		const truth = new Map<string, [number, number]>();
		const rows: SealedRow[] = [];
		const names = new Map<number, string>();
		const take = () => {
			for (const { no, connection } of ledger.takeFirstSeen()) names.set(no, connection.id);
		};
		const add = (key: string, up: number, down: number) => {
			const sum = truth.get(key) ?? [0, 0];
			truth.set(key, [sum[0] + up, sum[1] + down]);
		};
		let no = 0;
		for (let second = 0; second < 1500; second += dice.int(1, 20)) {
			const now = at(second);
			ledger.frame(now);
			for (let opened = dice.int(0, 2); opened > 0; opened -= 1) {
				no += 1;
				open.push(connectionOf(no));
				ledger.opened(open.at(-1)!, 0, 0);
			}
			for (const connection of open) {
				if (dice.chance(0.6)) continue;
				const class_: Class = dice.pick(['direct', 'proxy']);
				const [up, down] = [dice.int(0, 2 ** 20), dice.int(1, 2 ** 40)];
				ledger.grown(connection, class_, up, down);
				add(`usage ${connection.id} ${class_} ${bucketAt(second)}`, up, down);
			}
			while (open.length > 0 && dice.chance(0.3)) ledger.closed(open.splice(dice.int(0, open.length - 1), 1)[0]!);
			const correction = dice.int(-5, 50);
			if (correction !== 0) ledger.unattributed(correction, 0);
			add(`unattributed ${bucketAt(second)}`, correction, 0);
			ledger.wanSample(now);
			ledger.wan('eth1', { up: 7, down: second });
			add(`wan eth1 ${bucketAt(second)}`, 7, second);
			if (dice.chance(0.1)) rows.push(...ledger.seal(now));
			if (dice.chance(0.1)) {
				take();
				ledger = reborn(ledger, { sameBoot: dice.chance(0.5) });
				for (const connection of open) ledger.opened(connection, 0, 0);
			}
		}
		rows.push(...ledger.seal(at(1500)));
		take();
		const named = sums(rows, (row) => {
			if (row.kind === 'usage') return `usage ${names.get(row.record!)} ${row.class} ${row.bucket}`;
			return row.kind === 'wan' ? `wan ${row.device} ${row.bucket}` : `${row.kind} ${row.bucket}`;
		});
		for (const sum of [named, truth]) for (const [key, [up, down]] of sum) if (up === 0 && down === 0) sum.delete(key);
		assert.deepEqual([...named].sort(), [...truth].sort(), `seed ${seed}`);
	}
});

test('it keeps what flows under a clock that is not trusted, and finds its 5 minutes later', () => {
	const ledger = new Ledger();
	const connection = connectionOf(1);
	const untrusted = (seconds: number): Moment => ({ wall: seconds * 1000, mono: seconds * 1000, trusted: false });
	ledger.frame(untrusted(10));
	ledger.opened(connection, 0, 0);
	ledger.grown(connection, 'proxy', 1, 10);
	ledger.frame(untrusted(700));
	ledger.grown(connection, 'proxy', 2, 20);
	assert.deepEqual(ledger.seal(untrusted(701)), []);
	const next = reborn(ledger);
	const trusted: Moment = { wall: start + 900_000, mono: 900_000, trusted: true };
	const rows = next.seal(trusted);
	assert.deepEqual(
		rows.map(({ bucket, since, up, down }) => ({ bucket, since, up, down })),
		[
			{ bucket: start / 1000, since: null, up: 1, down: 10 },
			{ bucket: start / 1000 + 600, since: start / 1000 + 10, up: 2, down: 20 },
		],
	);
});

test('it books under the time of another boot what waited when the machine went down', () => {
	const ledger = new Ledger();
	ledger.frame({ wall: 0, mono: 5000, trusted: false });
	ledger.unattributed(3, 4);
	const rows = reborn(ledger, { sameBoot: false }).seal(at(60));
	assert.equal(rows.length, 1);
	assert.ok(rows[0]!.bucket > start / 1000 - 86_400 && rows[0]!.bucket <= start / 1000);
});

test('it says since when bytes found after an absence may have flowed', () => {
	const ledger = new Ledger();
	const connection = connectionOf(1);
	ledger.frame(at(290));
	ledger.opened(connection, 0, 0);
	ledger.grown(connection, 'direct', 1, 1);
	ledger.frame(at(301));
	ledger.grown(connection, 'direct', 2, 2);
	ledger.frame(at(1000));
	ledger.grown(connection, 'direct', 4, 4);
	ledger.frame(at(1001));
	ledger.grown(connection, 'direct', 8, 8);
	const next = reborn(ledger);
	next.frame(at(2000));
	next.opened(connection, 0, 0);
	next.grown(connection, 'direct', 16, 16);
	assert.deepEqual(
		next.seal(at(2001)).map(({ bucket, since, up }) => [bucket - start / 1000, since && since - start / 1000, up]),
		[
			[0, null, 1],
			[300, null, 2],
			[900, null, 8],
			[900, 301, 4],
			[1800, 1001, 16],
		],
	);
});

test('it tells of a connection that moved nothing by a row without bytes, once', () => {
	const ledger = new Ledger();
	ledger.frame(at(0));
	const rejected = connectionOf(1, { chains: ['REJECT'] });
	ledger.opened(rejected, 0, 0);
	assert.deepEqual(ledger.seal(at(0)), []);
	ledger.closed(rejected);
	const rows = ledger.seal(at(1));
	assert.deepEqual(
		rows.map(({ kind, class: class_, record, up, down }) => ({ kind, class: class_, record, up, down })),
		[{ kind: 'usage', class: 'reject', record: 1, up: 0, down: 0 }],
	);
	assert.deepEqual(ledger.seal(at(2)), []);
});

test('it leaves out what no total holds: the transport of a chained node', () => {
	const ledger = new Ledger();
	ledger.frame(at(0));
	ledger.opened(connectionOf(1, { type: 'Inner' }), 0, 0);
	ledger.closed(connectionOf(1, { type: 'Inner' }));
	assert.deepEqual([ledger.takeFirstSeen(), ledger.seal(at(1))], [[], []]);
});

test('it holds against later growth what overhead took back, so that no row but unattributed is negative', () => {
	const ledger = new Ledger();
	const none = { up: 0, down: 0 };
	ledger.wanSample(at(0));
	ledger.beside({ overhead: { up: 5, down: 100 }, bypass: none });
	assert.equal(ledger.seal(at(1))[0]!.down, 100);
	ledger.beside({ overhead: { up: 6, down: 70 }, bypass: none });
	assert.deepEqual(
		ledger.seal(at(2)).map(({ up, down }) => [up, down]),
		[[1, 0]],
	);
	const next = reborn(ledger);
	next.wanSample(at(400));
	next.beside({ overhead: { up: 6, down: 140 }, bypass: none });
	assert.deepEqual(
		next.seal(at(401)).map(({ kind, down }) => [kind, down]),
		[['overhead', 40]],
	);
});

test('it numbers every open connection anew for another epoch, with what it had moved before', () => {
	const ledger = new Ledger();
	const [old, young] = [connectionOf(1), connectionOf(2)];
	ledger.frame(at(0));
	ledger.opened(old, 1000, 2000);
	ledger.grown(old, 'proxy', 10, 20);
	ledger.takeFirstSeen();
	ledger.seal(at(0));
	ledger.frame(at(1));
	ledger.grown(old, 'proxy', 1, 2);
	ledger.opened(young, 0, 0);
	ledger.beginEpoch();
	assert.deepEqual(
		ledger.takeFirstSeen().map(({ no, connection, up, down }) => [no, connection.id, up, down]),
		[
			[1, old.id, 1010, 2020],
			[2, young.id, 0, 0],
		],
	);
	assert.deepEqual(
		ledger.seal(at(2)).map(({ record, up }) => [record, up]),
		[[1, 1]],
	);
});

test('it takes a damaged checkpoint for none', () => {
	const ledger = new Ledger();
	ledger.frame(at(0));
	ledger.opened(connectionOf(1), 0, 0);
	ledger.grown(connectionOf(1), 'proxy', 1, 2);
	const rest = { bootId: null, wall: 1, mono: 2, account: null, wan: null, bypass: null };
	const blob = new CheckpointPacker().pack({ ...rest, ledger: ledger.state() }).slice();
	assert.ok(unpackCheckpoint(blob));
	for (let cut = 0; cut < blob.byteLength; cut += 1) assert.equal(unpackCheckpoint(blob.subarray(0, cut)), null);
	for (let bit = 0; bit < blob.byteLength * 8; bit += 1) {
		const damaged = blob.slice();
		damaged[bit >> 3]! ^= 1 << (bit & 7);
		assert.equal(unpackCheckpoint(damaged), null);
	}
});
