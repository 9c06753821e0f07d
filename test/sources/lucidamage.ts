// Samples of routers whose answers were damaged on the way: shared by the fast test and the long one.
import assert from 'node:assert/strict';
import { LuciWan } from '../../src/sources/luci.ts';
import { LuciError } from '../../src/sources/lucierror.ts';
import { LuciLocation } from '../../src/sources/lucilocation.ts';
import type { Clock } from '../../src/system/clock.ts';
import { openLog } from '../../src/system/log.ts';
import { rawAnswer } from '../fakes/answer.ts';
import { FakeLuci } from '../fakes/luci.ts';
import { releases } from '../fakes/lucirelease.ts';
import { mutate, randomFrom } from '../fakes/random.ts';

/** A clock on which waiting takes no time; a question that is never answered would take this long for real. */
class HastyClock implements Clock {
	#mono = 0;
	wall = () => this.#mono;
	mono = () => this.#mono;

	after = (ms: number, run: () => void) => {
		if (ms >= 10_000) {
			const timer = setTimeout(run, 5_000);
			return () => clearTimeout(timer);
		}
		const soon = setImmediate(() => {
			this.#mono += ms;
			run();
		});
		return () => clearImmediate(soon);
	};

	skip(ms: number): void {
		this.#mono += ms;
	}
}

export interface Damage {
	readonly answers: number;
	readonly samples: number;
	readonly refused: number;
}

/** Takes samples until `count` damaged answers were sent; checks each outcome. `onAnswers` is told now and then. */
export async function readDamaged(count: number, seed: number, onAnswers = (_: number) => {}): Promise<Damage> {
	const random = randomFrom(seed);
	const names = Object.keys(releases) as (keyof typeof releases)[];
	let [answers, samples, refused] = [0, 0, 0];
	for (let round = 0; answers < count; round++) {
		const fake = await new FakeLuci(names[round % names.length]!).start();
		if (round % 3 === 1) fake.release.ubus = false;
		if (round % 5 === 4)
			fake.release.rights = { luci: ['getRealtimeStats'], 'network.interface': ['dump'], session: [] };
		const clock = new HastyClock();
		const start = fake.now;
		fake.damage = (bytes) => {
			fake.now = start + Math.floor(clock.mono() / 1000);
			if (random() < 0.3) return bytes;
			answers += 1;
			if (random() < 0.5) return mutate(bytes, random);
			const body = bytes.subarray(bytes.indexOf('\r\n\r\n') + 4).toString('latin1');
			const json = body.replace(/^[0-9a-f]+\r\n/, '').replace(/\r\n0\r\n\r\n$/, '');
			return rawAnswer({ status: 200, headers: {}, body: mutate(Buffer.from(json), random).toString('utf8') });
		};
		const url = LuciLocation.parse(fake.url);
		assert(url instanceof LuciLocation);
		const lines: string[] = [];
		const log = openLog({ level: 'debug', format: 'text', clock, write: (line) => lines.push(line) })('wan');
		const login = { username: 'root', password: 'secret' };
		const wan = new LuciWan({ url, certificate: null, devices: [], timeoutMs: 10_000, ...login, clock, log });
		wan.start();
		for (let i = 0; i < 60; i++) {
			clock.skip(1000);
			try {
				const { devices, mono } = await wan.sample();
				samples += 1;
				assert(mono >= 0 && mono <= clock.mono());
				for (const { name, rxBytes, txBytes } of devices) {
					assert(typeof name === 'string' && rxBytes >= 0n && txBytes >= 0n && rxBytes < 2n ** 64n, `seed ${seed}`);
				}
			} catch (error) {
				assert(error instanceof LuciError, `seed ${seed}: ${error}`);
				assert.doesNotMatch(error.message, /secret|5e551/, `seed ${seed}`);
				assert(error.message.length < 600 && !/while reading the answer/.test(error.message), error.message);
				refused += 1;
				clock.skip(30 * 60_000);
			}
		}
		assert.doesNotMatch(lines.join('\n'), /secret|5e551/);
		await wan.stop();
		await fake.stop();
		onAnswers(answers);
	}
	return { answers, samples, refused };
}
