import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Dice } from '../fakes/dice.ts';
import { until } from '../fakes/until.ts';
import { other, recordOf, usage } from '../fakes/wiremaker.ts';
import { agentId, SocketRig } from './faultrun.ts';

const connections = 1_000;
const syncs = 60;

/** What a home's connections move in a minute: from keep-alives to films. */
const growth = (dice: Dice) => Math.floor(10 ** (2 + 5 * dice.next()));

test('it needs at most 1 MB an hour up the line for 1,000 connections that all grow', async (t) => {
	const dice = new Dice(1);
	const rig = new SocketRig({ timeoutMs: 5_000 });
	const hosts = Array.from({ length: connections }, () => `${dice.uuid().slice(0, 8)}.example.com`);
	let sealed = 0;
	rig.outbox.onSeal = () => {
		if (sealed === syncs) return;
		sealed += 1;
		const bucket = 1_767_225_600 + 300 * Math.floor(sealed / 5);
		for (let no = 1; no <= connections; no += 1) {
			if (sealed === 1) rig.outbox.addRecord(no, recordOf(no, { id: dice.uuid(), host: hosts[no - 1]! }));
			rig.outbox.add({ ...usage(no, growth(dice), growth(dice), no % 3 ? 'proxy' : 'direct'), bucket });
		}
		for (const kind of ['unattributed', 'wan', 'overhead', 'bypass'] as const) {
			rig.outbox.add({ ...other(kind, growth(dice), growth(dice)), bucket });
		}
	};
	await rig.server.start();
	rig.sync.start();
	await until(() => sealed === syncs && rig.isEmpty);
	const described = rig.server.bytesReceived;
	assert.deepEqual(rig.receiver.sums(agentId), rig.truth);
	await rig.sync.stop();
	await rig.server.stop();
	t.diagnostic(`${described} bytes for ${syncs} syncs of ${connections} rows, HTTP included`);
	assert.ok(described <= 1_000_000, `${described} bytes`);
});
