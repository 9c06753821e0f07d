// Bodies of an agent as a bad network delivers them: repeated, reordered, cut another way, answers lost. Whatever it
// does, the receiver must have each row once.
import assert from 'node:assert/strict';
import { parseMasterAnswer } from '../../src/sinks/masteranswer.ts';
import { SyncBodies } from '../../src/sinks/syncbody.ts';
import { FakeClock } from '../fakes/clock.ts';
import { Dice } from '../fakes/dice.ts';
import { FakeOutbox } from '../fakes/outbox.ts';
import { Receiver, sumsOf } from '../fakes/receiver.ts';
import { other, recordOf, usage } from '../fakes/wiremaker.ts';

const agentId = 'attic-9f3c';
const bodies = new SyncBodies({
	clock: new FakeClock(),
	agentId,
	instance: 'i1',
	tz: () => 'UTC',
	hosts: 'full',
	picture: () => ({ devices: [], health: {}, live: null }),
});

/** One history: a few dozen rows in one or two epochs, some forty deliveries, then a good network. */
export function shuffle(seed: number): void {
	const dice = new Dice(seed);
	const outbox = new FakeOutbox();
	const receiver = new Receiver();
	const truth = [...grow(outbox, dice)];
	if (dice.chance(0.3)) {
		outbox.beginEpoch('epoch-2');
		truth.push(...grow(outbox, dice));
	}
	const sent: string[] = [];
	let putBack = receiver.backup();
	for (let times = dice.int(5, 40); times > 0; times -= 1) {
		const { epoch, acked, sealed } = dice.pick(outbox.epochs());
		// A late retry is cut as the agent saw it then: from an older mark, and of another length.
		const limits = { maxRows: dice.int(1, 20), maxBytes: 1e9 };
		const batch = outbox.peek(epoch, acked, limits);
		sent.push(JSON.stringify(bodies.batch(epoch, acked, batch, [])));
		const deliver = dice.chance(0.5) ? sent.at(-1)! : dice.pick(sent);
		const { status, body } = receiver.take(deliver);
		assert.equal(status, 200, `seed ${seed}: ${body}`);
		if (dice.chance(0.1)) putBack = receiver.backup();
		if (dice.chance(0.05)) putBack();
		if (dice.chance(0.4)) continue;
		const answer = parseMasterAnswer(Buffer.from(body));
		assert.equal(answer.kind, 'netmon');
		if (answer.kind !== 'netmon' || answer.epoch !== epoch || answer.acked > sealed) continue;
		if (answer.acked < acked) outbox.rewind(epoch, answer.acked);
		else outbox.ack(epoch, answer.acked);
	}
	settle(outbox, receiver);
	assert.deepEqual(receiver.sums(agentId), sumsOf(truth), `seed ${seed}`);
}

function* grow(outbox: FakeOutbox, dice: Dice) {
	for (let no = 1; no <= 5; no += 1) outbox.addRecord(no, recordOf(no));
	for (let left = dice.int(1, 60); left > 0; left -= 1) {
		const row = dice.chance(0.7)
			? usage(dice.int(1, 5), dice.int(0, 1000), dice.int(0, 1000))
			: other('unattributed', dice.int(-50, 50), dice.int(0, 50));
		yield { ...row, seq: outbox.add(row) };
	}
}

/** The network is good again: every epoch to its end. */
function settle(outbox: FakeOutbox, receiver: Receiver): void {
	for (const name of ['epoch-1', 'epoch-2']) {
		for (let mark = 0, rounds = 0; rounds < 200; rounds += 1) {
			const batch = outbox.peek(name, mark, { maxRows: 20, maxBytes: 1e9 });
			const body = JSON.stringify(bodies.batch(name, mark, batch, []));
			const answer = parseMasterAnswer(Buffer.from(receiver.take(body).body));
			assert.ok(answer.kind === 'netmon');
			if (batch === null) break;
			mark = answer.acked;
		}
	}
}
