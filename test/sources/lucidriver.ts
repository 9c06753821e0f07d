// What the tests of LuCI share: a fake router, a source at it, a clock that tells when the source waits; and after
// each file the proof that no password or session got where it does not belong.
import assert from 'node:assert/strict';
import { after, afterEach } from 'node:test';
import type { WanSample } from '../../src/record.ts';
import { LuciWan, type LuciWanOptions } from '../../src/sources/luci.ts';
import { LuciError, type LuciErrorCode } from '../../src/sources/lucierror.ts';
import { LuciLocation } from '../../src/sources/lucilocation.ts';
import { openLog } from '../../src/system/log.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeLuci } from '../fakes/luci.ts';
import type { releases } from '../fakes/lucirelease.ts';

export const minute = 60_000;
const opened: (LuciWan | FakeLuci)[] = [];
/** Everything that was said: log lines and error messages. */
export const said: string[] = [];
const fakes: FakeLuci[] = [];

afterEach(async () => {
	for (const one of opened.splice(0)) await one.stop();
});

after(() => {
	const text = said.join('\n');
	assert(said.length > 3, 'nothing was said');
	assert.doesNotMatch(text, /s[e3]cret|5e551|stok=[0-9a-f]/i, 'a password or a session stands in a log or an error');
	for (const { heard } of fakes) {
		for (const { url, cookie, body } of heard) {
			assert.doesNotMatch(`${url} ${cookie}`, /secret/);
			if (body.includes('secret')) assert.match(body, /"session","login",|luci_password=/);
		}
	}
});

/** Tells whether something waits for a moment (and not only for an answer, which may take 10 s). */
export class WaitClock extends FakeClock {
	waiting = 0;

	constructor() {
		super();
		const after = this.after;
		this.after = (ms, run) => {
			if (ms >= 10_000) return after(ms, run);
			this.waiting += 1;
			return after(ms, () => {
				this.waiting -= 1;
				run();
			});
		};
	}
}

export type Release = keyof typeof releases;

export async function router(release: Release, options: { secure?: boolean } = {}): Promise<FakeLuci> {
	const fake = await new FakeLuci(release, options).start();
	opened.push(fake);
	fakes.push(fake);
	return fake;
}

export function wanAt(url: string, options: Partial<LuciWanOptions> = {}) {
	const clock = new WaitClock();
	const location = LuciLocation.parse(url);
	assert(location instanceof LuciLocation, String(location));
	const log = openLog({ level: 'debug', format: 'text', clock, write: (line) => said.push(line) })('wan');
	const login = { username: 'root', password: 'secret' };
	const wan = new LuciWan({
		url: location,
		certificate: null,
		devices: [],
		timeoutMs: 10_000,
		...login,
		...options,
		clock,
		log,
	});
	wan.start();
	opened.unshift(wan);
	return { wan, clock };
}

export const wanOf = (fake: FakeLuci, options: Partial<LuciWanOptions> = {}) => wanAt(fake.url, options);

export async function failure(promise: Promise<unknown>, code: LuciErrorCode): Promise<LuciError> {
	const error = await promise.then(
		() => assert.fail('it gave a sample'),
		(error: unknown) => error,
	);
	assert(error instanceof LuciError, String(error));
	said.push(error.message);
	assert.equal(error.code, code, error.message);
	return error;
}

export const bytes = ({ devices }: WanSample) => devices.map(({ name, rxBytes, txBytes }) => [name, rxBytes, txBytes]);

/** Lets the router's clock go on beside ours until `done`. */
export async function seconds(fake: FakeLuci, clock: WaitClock, done: Promise<unknown>): Promise<void> {
	let over = false;
	const end = () => {
		over = true;
	};
	done.then(end, end);
	while (!over) {
		if (clock.waiting === 0) await clock.advance(0);
		else {
			fake.now += 2;
			await clock.advance(2_000);
		}
	}
}
