import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpError } from '../../src/system/httperror.ts';
import { SyncRig } from '../fakes/syncrig.ts';

const minuteMs = 60_000;
const live = {
	wall: 0,
	speeds: {
		direct: null,
		proxy: null,
		reject: null,
		unattributed: null,
		core: null,
		wan: null,
		overhead: null,
		bypass: null,
	},
	connections: 1,
	busiest: [{ id: 'c1', host: 'example.com', source_ip: '192.168.1.2', class: 'proxy' as const, up: 1, down: 2 }],
};
const picture = () => ({ devices: [], health: {}, live });

/** A master whose wakes are answered by hand. */
class WakeRig extends SyncRig {
	asked: { url: string; answer: (value: object, status?: number) => void }[] = [];

	constructor() {
		super({ sync: { picture } });
		this.wake.request = (request) =>
			new Promise((resolve, reject) => {
				request.signal?.addEventListener('abort', () => reject(stopped));
				const answer = (value: object, status = 200) =>
					resolve({ status, headers: {}, body: Buffer.from(JSON.stringify(value)), firstByteMono: 0 });
				this.asked.push({ url: String(request.url), answer });
			});
	}
}

const stopped = new HttpError('stopped', 'stopped');
const woken = (wake: boolean) => ({ status: 'success', data: { wake }, message: null });

test('it leaves one question open, and tells the busiest at once when somebody looks', async () => {
	const rig = new WakeRig();
	rig.sync.start();
	await rig.clock.advance(2 * minuteMs);
	assert.equal(rig.asked.length, 1);
	assert.equal(rig.asked[0]!.url, 'http://master.example:9091/api/v1/wake?agent_id=attic-9f3c');
	assert.ok(rig.receiver.bodies.every(({ netmon }) => (netmon.live?.busiest.length ?? 0) === 0));
	const before = rig.posts;
	rig.receiver.nextSyncS = 2;
	rig.asked[0]!.answer(woken(true));
	await rig.clock.advance(100);
	assert.equal(rig.posts, before + 1);
	assert.equal(rig.receiver.bodies.at(-1)!.netmon.live!.busiest.length, 1);
	await rig.clock.advance(20_000);
	assert.ok(rig.posts >= before + 10, 'the faster tempo');
	assert.equal(rig.asked.length, 1, 'no question while it is fast');
	rig.receiver.nextSyncS = 0;
	await rig.clock.advance(2 * minuteMs);
	assert.ok(rig.posts <= before + 16);
	assert.equal(rig.receiver.bodies.at(-1)!.netmon.live!.busiest.length, 0);
	assert.equal(rig.asked.length, 2);
	await rig.sync.stop();
	assert.equal(rig.clock.pending, 0);
});

test('it asks again when nobody looked, but never more than once in 2 s', async () => {
	const rig = new WakeRig();
	const ask = rig.wake.request.bind(rig.wake);
	rig.wake.request = (request) => {
		const answer = ask(request);
		rig.asked.at(-1)!.answer(woken(false));
		return answer;
	};
	rig.sync.start();
	await rig.clock.advance(11_000);
	const before = rig.asked.length;
	await rig.clock.advance(20_000);
	assert.equal(rig.asked.length - before, 10);
	await rig.sync.stop();
});

test('it is not driven round in a circle by a master that always wakes it', async () => {
	const rig = new WakeRig();
	const ask = rig.wake.request.bind(rig.wake);
	rig.wake.request = (request) => {
		const answer = ask(request);
		rig.asked.at(-1)!.answer(woken(true));
		return answer;
	};
	rig.sync.start();
	await rig.clock.advance(10 * minuteMs);
	assert.ok(rig.posts <= 320, `${rig.posts} in 10 minutes`);
	await rig.sync.stop();
});

test('it waits for its next sync after any other answer, and asks no more where there is no such route', async () => {
	const rig = new WakeRig();
	rig.sync.start();
	await rig.clock.advance(70_000);
	rig.asked[0]!.answer({ status: 'error' }, 503);
	await rig.clock.advance(10_000);
	const soon = rig.asked.length;
	await rig.clock.advance(minuteMs);
	assert.ok(soon <= 2 && rig.asked.length === 2, `${soon}, ${rig.asked.length}`);
	rig.asked[1]!.answer({}, 404);
	await rig.clock.advance(10 * minuteMs);
	assert.equal(rig.asked.length, 2);
	await rig.sync.stop();
});

test('it takes the question back when the master is away', async () => {
	const rig = new WakeRig();
	rig.sync.start();
	await rig.clock.advance(70_000);
	rig.transport.fault = () => ({ kind: 'error', code: 'refused' });
	await rig.clock.advance(2 * minuteMs);
	assert.equal(rig.asked.length, 1);
	rig.transport.fault = () => null;
	await rig.clock.advance(2 * minuteMs);
	assert.equal(rig.asked.length, 2);
	await rig.sync.stop();
});
