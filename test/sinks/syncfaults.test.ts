import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dice } from '../fakes/dice.ts';
import { until } from '../fakes/until.ts';
import { agentId, faultRun, pourBytes, SocketRig, token } from './faultrun.ts';

test('it delivers each row once through every fault of a master', async () => {
	const seed = 1 + Math.floor(Math.random() * 1e9);
	await faultRun({ rounds: 3, seed });
});

test('it does not read an answer of 300 MB', async () => {
	const rig = new SocketRig({ timeoutMs: 5_000 });
	let pours = 0;
	rig.server.fault = () => {
		if (pours >= 20) return null;
		pours += 1;
		return { kind: 'pour', bytes: pourBytes };
	};
	await rig.server.start();
	const before = process.memoryUsage().rss;
	let highest = before;
	rig.grow(new Dice(1), 100);
	rig.sync.start();
	await until(() => {
		highest = Math.max(highest, process.memoryUsage().rss);
		return rig.isEmpty;
	});
	await rig.sync.stop();
	await rig.server.stop();
	assert.ok(highest - before < 32e6, `${(highest - before) / 1e6} MB more`);
	assert.ok(rig.said.some((text) => text.includes('65536 bytes')));
});

test('it comes back to a master that was away, on the same address', async () => {
	const rig = new SocketRig();
	await rig.server.start();
	rig.grow(new Dice(2), 50);
	rig.sync.start();
	await until(() => rig.isEmpty);
	await rig.server.stop();
	rig.grow(new Dice(3), 50);
	await until(() => rig.sync.state().state === 'retrying');
	await rig.server.start();
	await until(() => rig.isEmpty && rig.sync.state().state === 'up');
	assert.deepEqual(rig.receiver.sums(agentId), rig.truth);
	await rig.sync.stop();
	await rig.server.stop();
});

test('it drains 50,000 rows in 20 s, over real sockets and with gzip, while new ones come', async () => {
	const rig = new SocketRig({ timeoutMs: 5_000 });
	const dice = new Dice(4);
	rig.grow(dice, 50_000);
	await rig.server.start();
	const began = performance.now();
	let added = 0;
	rig.outbox.onSeal = () => {
		added += 1;
		rig.grow(dice, 5);
	};
	rig.sync.start();
	await until(() => rig.receiver.acked(agentId, 'epoch-1') >= 50_000);
	const seconds = (performance.now() - began) / 1000;
	assert.ok(seconds < 20, `${seconds} s`);
	assert.ok(added > 0);
	await rig.sync.stop();
	await rig.server.stop();
});

test('it wakes through a real socket within a second', async () => {
	const rig = new SocketRig({ intervalMs: 60_000 });
	await rig.server.start();
	rig.sync.start();
	await until(() => rig.server.waiting === 1);
	const { syncs } = rig.server;
	const began = performance.now();
	rig.server.wake();
	await until(() => rig.server.syncs > syncs);
	assert.ok(performance.now() - began < 1_000);
	await rig.sync.stop();
	await until(() => rig.server.waiting === 0);
	await rig.server.stop();
});

test('it says no token in what it says, whatever happens, and sends it in one header alone', async () => {
	const rig = new SocketRig();
	const statuses = [401, 403, 404, 409, 302, 451, 500, 400];
	for (const status of statuses) {
		const one = new SocketRig();
		one.server.fault = () => ({ kind: 'status', status, headers: { Location: `http://127.0.0.1/?t=${token}` } });
		await one.server.start();
		one.sync.start();
		await until(() => one.said.length > 0);
		await one.sync.stop();
		await one.server.stop();
		rig.said.push(...one.said, JSON.stringify(one.sync.state()));
	}
	assert.ok(rig.said.length >= 2 * statuses.length);
	for (const text of rig.said) assert.ok(!text.includes(token.slice(0, 12)), text);
});
