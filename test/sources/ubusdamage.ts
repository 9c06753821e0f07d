// Damaged conversations with ubusd: what the recorded server said, mutated, played to a living client over a real
// socket in pieces. The fast tests run a share, the soak the whole.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { UbusClient } from '../../src/sources/ubus.ts';
import { UbusError } from '../../src/sources/ubuserror.ts';
import { MessageReader } from '../../src/sources/ubusmessage.ts';
import { readDeviceStatus } from '../../src/sources/ubuswan.ts';
import { readDump, wanMap } from '../../src/sources/wanmap.ts';
import { FakeClock } from '../fakes/clock.ts';
import { mutate, randomFrom } from '../fakes/random.ts';
import { readTranscript } from '../fakes/transcript.ts';

/** What was called in the recording, and what the server said. */
const recorded = (
	[
		['interface-dump', 'network.interface', 'dump'],
		['device-status', 'network.device', 'status'],
		['types', 'types', 'all'],
		['reply-in-two-parts', 'two', 'parts'],
		['status-6', 'types', 'fail'],
		['lookup-all', 'network.device', 'status'],
		['event', 'network.device', 'status'],
	] as const
).map(([name, path, method]) => ({
	path,
	method,
	said: readTranscript(name)
		.messages.filter(({ dir }) => dir === 'server')
		.map(({ hex }) => Buffer.from(hex, 'hex')),
}));

/** The recorded messages after HELLO, one to three of them damaged: as bytes anywhere, or in a length or type. */
function damaged(said: readonly Buffer[], random: () => number): Buffer[] {
	const at = (limit: number) => Math.floor(random() * limit);
	const messages: Buffer[] = said.slice(1);
	for (let times = 1 + at(3); times > 0; times--) {
		const index = at(messages.length);
		const message: Buffer = Buffer.from(messages[index]!);
		// Heads of attributes begin at multiples of 4.
		const words = Math.floor(message.length / 4);
		if (words > 0 && random() < 0.5) message.writeUInt32BE((random() * 2 ** 32) >>> at(32), 4 * at(words));
		messages[index] = random() < 0.5 ? message : mutate(message, random);
	}
	return messages;
}

export interface Damage {
	readonly path: string;
	readonly messages: number;
	readonly seed: number;
	readonly onProgress?: (played: number) => void;
}

/** Plays `messages` damaged conversations; every call must end in an answer or a `UbusError`. @returns how each ended */
export async function playDamaged({ path, messages, seed, onProgress }: Damage): Promise<Map<string, number>> {
	const random = randomFrom(seed);
	const ends = new Map<string, number>();
	let answers: readonly Buffer[] = [];
	const hello = recorded[0]!.said[0]!;
	const server = createServer((socket) => {
		socket.on('error', () => {});
		socket.write(hello);
		const stages = [answers.slice(0, 2), answers.slice(2)];
		const cut = Math.floor(random() * 20);
		socket.on('data', () => {
			// The lookup's two messages, then the call's; cut once, so that the rest comes alone.
			const bytes = Buffer.concat(stages.shift() ?? []);
			socket.write(bytes.subarray(0, cut));
			setImmediate(() => socket.write(bytes.subarray(cut)));
			// A client that asks no further would wait for its timer.
			if (stages.length === 0) setImmediate(() => socket.end());
			else setTimeout(() => socket.end(), 2);
		});
	});
	rmSync(path, { force: true });
	server.listen(path);
	await once(server, 'listening');
	try {
		for (let played = 0; played < messages; played++) {
			const { path: object, method, said } = recorded[Math.floor(random() * recorded.length)]!;
			answers = damaged(said, random);
			judge(Buffer.concat(answers), `seed ${seed}, message ${played}`);
			const clock = new FakeClock();
			const client = new UbusClient({
				clock,
				retryDelay: () => 1_000,
				paths: [path],
				events: random() < 0.2 ? ['network.interface'] : [],
			});
			client.start();
			const end = await client.call(object, method).then(
				() => 'answered',
				(error: unknown) => {
					assert.ok(error instanceof UbusError, `seed ${seed}, message ${played}: ${error}`);
					return typeof error.code === 'number' ? 'status' : error.code;
				},
			);
			ends.set(end, (ends.get(end) ?? 0) + 1);
			await client.stop();
			assert.equal(clock.pending, 0, `seed ${seed}, message ${played}`);
			onProgress?.(played);
		}
	} finally {
		server.close();
	}
	return ends;
}

/** What can still be read of the bytes goes on to those who use it. */
function judge(bytes: Buffer, which: string): void {
	try {
		new MessageReader().push(bytes, ({ attrs }) => {
			const interfaces = readDump(attrs.DATA);
			if (typeof interfaces !== 'string') wanMap(interfaces, 'soft');
			readDeviceStatus('eth1', attrs.DATA);
		});
	} catch (error) {
		throw new Error(which, { cause: error });
	}
}
