import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { QuotaWatch } from '../../src/master/http/quotawatch.ts';
import { cycleAt } from '../../src/master/quota/cycle.ts';
import type { Row } from '../../src/wire.ts';
import { FakeClock } from '../fakes/clock.ts';
import { type FakeMaster, scratchFolder, startMaster } from '../fakes/master.ts';
import { randomFrom } from '../fakes/random.ts';
import { until } from '../fakes/until.ts';
import { startWebhook } from '../fakes/webhook.ts';
import { netmonBody, record, row } from './body.ts';

const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000];
const march = Date.UTC(2026, 2, 1);
const limit = 1_000_000;
const sent = { 'Content-Type': 'application/json' };

interface Cycle {
	readonly from: string;
	readonly to: string;
	readonly used: number;
	readonly used_before: number;
	readonly limit: number;
	readonly remaining: number;
	readonly percent: number;
	readonly approximate: boolean;
}

interface Quota extends Cycle {
	readonly agent_id: string;
	readonly zone: string;
	readonly webhook: string | null;
	readonly forecast: { readonly used: number; readonly limit_at: string | null } | null;
	readonly alerts: readonly {
		readonly id: string;
		readonly level: number;
		readonly delivery: { readonly state: string; readonly tries: number; readonly outcome: string | null };
	}[];
	readonly past: readonly Cycle[];
}

type Flow = Partial<Row> & { readonly time: number };

/** A master and its watch on a clock that stands at noon of 10 March, and the agent `router` that has said nothing yet. */
async function open(t: TestContext, { now = march + 9.5 * dayMs, folder = scratchFolder(t), tz = 'UTC' } = {}) {
	const clock = new FakeClock(now);
	const master = await startMaster(t, { clock, folder });
	const said: string[] = [];
	const say = (text: string) => void said.push(text);
	const log = { error: say, warn: say, info: () => {}, debug: () => {}, debugs: false };
	const watch = new QuotaWatch({ store: master.store, timezone: 'UTC', clock, log });
	let seq = 0;
	/** Bytes in the buckets of moments, as an agent sends them; of the WAN where nothing else is said. */
	const flow = async (...flows: readonly Flow[]) => {
		const rows = flows.map(({ time, kind = 'wan', ...over }): Row => {
			seq += 1;
			const fixed = { bucket: Math.floor(time / 300_000) * 300, class: null, record: null };
			return row({ seq, kind, ...fixed, device: kind === 'wan' ? 'eth0' : null, ...over });
		});
		const part = { epoch: `e${now}`, after: seq - rows.length, tz };
		const body = netmonBody(rows, [[1, record()]], part);
		assert.equal((await fetch(`${master.url}/api/v1/sync`, { method: 'POST', headers: sent, body })).status, 200);
	};
	return { clock, master, watch, said, flow, folder };
}

async function put(master: FakeMaster, settings: object): Promise<Quota> {
	const init = { method: 'PUT', headers: sent, body: JSON.stringify(settings) };
	const answer = await fetch(`${master.url}/api/v1/quotas/router`, init);
	const { data, message } = (await answer.json()) as { data: Quota; message: string };
	assert.equal(answer.status, 200, message);
	return data;
}

async function quota(master: FakeMaster): Promise<Quota> {
	const { data } = (await (await fetch(`${master.url}/api/v1/quotas`)).json()) as { data: Quota[] };
	assert.equal(data.length, 1);
	return data[0]!;
}

const levels = ({ alerts }: Quota) => alerts.map(({ level }) => level);

const seed = Number(process.env.NETMON_SEED ?? 1);
test(`it measures cycles to the byte, in any zone and every way to count (seed ${seed})`, async (t) => {
	const random = randomFrom(seed);
	const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)]!;
	const [from, to] = [Date.UTC(2026, 0, 20, 12), Date.UTC(2026, 4, 20, 9, 20)];
	for (const tz of ['Europe/Berlin', 'Asia/Kathmandu', 'UTC-03:30']) {
		const { master, clock, flow } = await open(t, { now: from, tz });
		await flow({ time: from, up: 0, down: 0 });
		const start_day = pick([1, 15, 29, 31]);
		assert.equal((await put(master, { limit, start_day })).zone, tz);
		clock.stepWall(to - from);
		const facts = Array.from({ length: 300 }, () => {
			const any = from + random() * (to - from);
			// Often close to where a cycle may begin.
			const near = cycleAt(any, start_day, tz).from + (random() - 0.5) * 4 * hourMs;
			const kind = pick(['usage', 'usage', 'unattributed', 'wan', 'overhead', 'bypass'] as const);
			const of = kind === 'usage' ? pick(['direct', 'proxy', 'reject'] as const) : null;
			const time = Math.floor((random() < 0.5 ? near : any) / 300_000) * 300_000;
			const [up, down] = [Math.floor(random() * 1e6), Math.floor(random() * 1e7)];
			return { time, kind, class: of, record: of && 1, up, down };
		});
		await flow(...facts);
		const cycles = [cycleAt(from, start_day, tz)];
		while (cycles[0]!.to <= to) cycles.unshift(cycleAt(cycles[0]!.to, start_day, tz));
		const classes = { wan: ['wan'], proxy: ['proxy'], all: ['direct', 'proxy', 'reject', 'unattributed'] };
		for (const counts of ['wan', 'proxy', 'all'] as const) {
			for (const direction of ['both', 'up', 'down'] as const) {
				const { past, ...current } = await put(master, { limit, start_day, counts, direction });
				for (const [at, { from: since, to: until }] of cycles.entries()) {
					// What is over was counted as its quota said then.
					const [what, way] = at === 0 ? [counts, direction] : ['wan' as const, 'both' as const];
					const told = at === 0 ? current : past[at - 1]!;
					assert.deepEqual([Date.parse(told.from), Date.parse(told.to)], [since, until]);
					const meant = facts.filter(
						(fact) => fact.time >= since && fact.time < until && classes[what].includes(fact.class ?? fact.kind),
					);
					const sum = (one: 'up' | 'down') => meant.reduce((total, fact) => total + fact[one], 0);
					const expected = way === 'both' ? sum('up') + sum('down') : sum(way);
					assert.deepEqual([told.used, told.approximate], [expected, false], `${tz} ${told.from} ${what} ${way}`);
				}
				assert.equal(past.length, cycles.length - 1);
			}
		}
	}
});

test('it says each level once per cycle, whatever happens', async (t) => {
	const { master, clock, watch, said, flow } = await open(t);
	const now = clock.wall();
	await flow({ time: now, up: 0, down: 700_000 });
	await put(master, { limit });
	await watch.look();
	assert.deepEqual(said, []);
	// 80 is reached, and told once.
	await flow({ time: now, up: 60_000, down: 50_000 });
	await watch.look();
	assert.deepEqual(said.splice(0), [
		'router: 80 % of its quota: 810 kB of 1.00 MB (WAN) in the cycle from 2026-03-01 to 2026-04-01',
	]);
	await flow({ time: now, up: 1, down: 0 });
	await watch.look();
	assert.deepEqual(said, []);
	// A lower limit reaches 100; 80 was told.
	await put(master, { limit: 800_000 });
	await watch.look();
	assert.equal(said.splice(0).length, 1);
	// A higher one takes both back, so that they are told when they are reached again.
	assert.deepEqual(levels(await put(master, { limit: 2_000_000 })), []);
	await watch.look();
	assert.deepEqual(said, []);
	await flow({ time: now, up: 800_000, down: 0 });
	await watch.look();
	assert.match(said.splice(0).join(), /^router: 80 %[^,]*$/);
	// Another first day is another cycle, in which what was told stays told.
	const moved = await put(master, { limit: 2_000_000, start_day: 2 });
	assert.deepEqual([moved.from, levels(moved)], ['2026-03-02T00:00:00Z', [80]]);
	await watch.look();
	assert.deepEqual(said, []);
	// In the next cycle all of it begins anew, and bytes that come late reach the last level of the one before.
	clock.stepWall(30 * dayMs);
	assert.deepEqual([(await quota(master)).used, levels(await quota(master))], [0, []]);
	await flow({ time: now + 3 * dayMs, up: 400_000, down: 0 });
	await watch.look();
	assert.match(said.splice(0).join(), /^router: 100 %.* from 2026-03-02 to 2026-04-02$/);
	assert.equal((await quota(master)).past[0]!.used, 2_010_001);
	// A limit that is lower now says nothing of then.
	await put(master, { limit: 100_000, start_day: 2, levels: [1000] });
	await flow({ time: now + 3 * dayMs, up: 1, down: 0 });
	await watch.look();
	assert.deepEqual(said, []);
});

test('it tells after a start what was reached while nobody looked, once, in every cycle', async (t) => {
	const { folder, ...first } = await open(t);
	const now = first.clock.wall();
	await first.flow({ time: now, up: 0, down: 850_000 });
	await put(first.master, { limit, levels: [50, 80, 100] });
	await first.watch.look();
	assert.equal(first.said.length, 2);
	await first.flow({ time: now + dayMs, up: 0, down: 200_000 }, { time: now + 30 * dayMs, up: 0, down: 600_000 });
	await first.master.stop();

	const second = await open(t, { folder, now: now + 61 * dayMs });
	await second.watch.look();
	assert.deepEqual(
		second.said.map((text) => text.replace(/ of its quota.*cycle/, '')),
		['router: 100 % from 2026-03-01 to 2026-04-01', 'router: 50 % from 2026-04-01 to 2026-05-01'],
	);
	assert.deepEqual(
		(await quota(second.master)).past.map(({ from, used }) => [from.slice(0, 7), used]),
		[
			['2026-04', 600_000],
			['2026-03', 1_050_000],
		],
	);
	await second.master.stop();
	const third = await open(t, { folder, now: now + 61 * dayMs });
	await third.watch.look();
	assert.deepEqual(third.said, []);
});

test('it keeps to its cycle while the clock is wrong', async (t) => {
	const { master, clock, watch, said, flow } = await open(t);
	await flow({ time: clock.wall(), up: 0, down: 900_000 });
	await put(master, { limit, used_before: 7 });
	await watch.look();
	assert.equal(said.length, 1);
	const before = await quota(master);
	for (const wrong of [Date.UTC(1970, 0, 1), march - dayMs, Date.UTC(2037, 5, 1)]) {
		const back = clock.wall();
		clock.stepWall(wrong - back);
		await watch.look();
		await quota(master);
		clock.stepWall(back - wrong);
		await watch.look();
		assert.equal(said.length, 1);
		assert.deepEqual(await quota(master), before);
	}
});

test('it adds what was used before netmon came, to one cycle', async (t) => {
	const { master, clock, flow } = await open(t);
	await flow({ time: clock.wall(), up: 0, down: 300_000 });
	const told = await put(master, { limit, used_before: 450_000 });
	assert.deepEqual([told.used, told.used_before, told.remaining, told.percent], [750_000, 450_000, 250_000, 75]);
	assert.equal((await put(master, { limit })).used_before, 450_000, 'not named, it stays');
	clock.stepWall(31 * dayMs);
	const next = await quota(master);
	assert.deepEqual([next.used, next.used_before, next.past[0]!.used], [0, 0, 750_000]);
});

test('it foresees the end of a cycle from the last 7 days', async (t) => {
	const { master, flow } = await open(t, { now: march + 10 * dayMs });
	const days = Array.from({ length: 10 }, (_, at) => ({
		time: march + at * dayMs + hourMs,
		up: 0,
		down: at < 3 ? 90_000 : 7_000,
	}));
	await flow(...days);
	const { used, forecast } = await put(master, { limit: 400_000 });
	assert.equal(used, 3 * 90_000 + 7 * 7_000);
	assert.deepEqual(forecast, { used: used + 21 * 7_000, limit_at: formatDay((400_000 - used) / 7_000) });
	assert.equal((await put(master, { limit: 500_000 })).forecast!.limit_at, null, 'not in this cycle');
	assert.equal((await put(master, { limit: 300_000 })).forecast!.limit_at, null, 'it is over');
	// 18 hours of figures tell nothing; a day and a half do.
	const fresh = await open(t, { now: march + 10 * dayMs });
	await fresh.flow({ time: march + 9.25 * dayMs, up: 0, down: 1 });
	assert.equal((await put(fresh.master, { limit })).forecast, null);
	await fresh.flow({ time: march + 8.5 * dayMs, up: 0, down: 14_999 });
	assert.equal((await quota(fresh.master)).forecast!.used, 15_000 + 21 * 10_000);
});

const formatDay = (days: number) => `${new Date(march + (10 + days) * dayMs).toISOString().slice(0, 19)}Z`;

test('it says when a part of an hour is a share, because the 5-minute rows are gone', async (t) => {
	const { master, clock, flow } = await open(t, { tz: 'Asia/Kolkata' });
	const begin = march - 5.5 * hourMs;
	await flow({ time: begin - 300_000, up: 0, down: 600 }, { time: begin, up: 0, down: 6_000 });
	assert.deepEqual([(await put(master, { limit })).used, (await quota(master)).approximate], [6_000, false]);
	const retention = { connectionsBefore: 0, usageBefore: clock.wall() };
	while (await master.vault.call('retire', [retention]));
	const { used, approximate } = await quota(master);
	assert.deepEqual([used, approximate], [3_300, true]);
});

test('it tells the webhook what a level was, and again until it is taken', async (t) => {
	const hook = await startWebhook(t);
	const { master, clock, watch, said, flow, folder } = await open(t);
	const now = clock.wall();
	await flow({ time: now, up: 100_000, down: 900_000 });
	const secret = 'a-topic-that-is-a-secret';
	const set = await put(master, { limit, webhook: `${hook.url}/${secret}?chat_id=1` });
	assert.equal(set.webhook, `${hook.url}/***`);
	hook.mood = 302;
	await watch.look();
	assert.equal(hook.received.length, 2, 'both levels, and no redirect followed');
	assert.equal(hook.mostAtOnce, 1);
	const [first] = hook.received;
	assert.deepEqual([first!.path, first!.type], [`/${secret}?chat_id=1`, 'application/json']);
	const { id, ...body } = first!.body;
	assert.match(id, /^[0-9a-f-]{36}$/);
	assert.deepEqual(body, {
		type: 'quota',
		agent_id: 'router',
		text: 'router: 80 % of its quota: 1.00 MB of 1.00 MB (WAN) in the cycle from 2026-03-01 to 2026-04-01',
		...{ level: 80, percent: 100, used: 1_000_000, limit, remaining: 0, counts: 'wan', direction: 'both' },
		cycle: { from: '2026-03-01T00:00:00Z', to: '2026-04-01T00:00:00Z' },
		at: '2026-03-10T12:00:00Z',
	});
	const delivery = async () =>
		(await quota(master)).alerts.map(({ delivery: { state, tries, outcome } }) => [state, tries, outcome]);
	assert.deepEqual(await delivery(), Array(2).fill(['waiting', 1, 'HTTP 302']));
	// It is tried again when its time has come, after a restart too, under the same id.
	await watch.look();
	assert.equal(hook.received.length, 2);
	clock.stepWall(minuteMs);
	hook.mood = 'reset';
	await watch.look();
	assert.equal(hook.received.length, 4);
	assert.match(String((await delivery())[0]![2]), /closed the connection/);
	await watch.stop();
	await master.stop();
	const later = await open(t, { folder, now: now + hourMs });
	hook.mood = 204;
	await later.watch.look();
	assert.deepEqual(
		hook.received.slice(4).map(({ body: { id: one } }) => one),
		hook.received.slice(0, 2).map(({ body: { id: one } }) => one),
	);
	assert.deepEqual(
		(await quota(later.master)).alerts.map(({ delivery: one }) => one),
		Array(2).fill({ state: 'delivered', tries: 3, outcome: 'HTTP 204' }),
	);
	await later.watch.look();
	assert.equal(hook.received.length, 6);
	assert.doesNotMatch([...said, ...later.said, ...master.said].join(), /secret/);
});

test('it gives a webhook up after 12 tries, and goes on with another', async (t) => {
	const hook = await startWebhook(t);
	const { master, clock, watch, said, flow } = await open(t);
	await flow({ time: clock.wall(), up: 0, down: 900_000 });
	await put(master, { limit, webhook: `${hook.url}/x` });
	hook.mood = 500;
	const waits: number[] = [];
	for (let minutes = 0; minutes < 24 * 60; minutes += 1) {
		const before = hook.received.length;
		await watch.look();
		if (hook.received.length > before) waits.push(minutes);
		clock.stepWall(minuteMs);
	}
	assert.deepEqual(
		waits.slice(1).map((minute, at) => minute - waits[at]!),
		[1, 2, 4, 8, 16, 32, 64, 128, 240, 240, 240],
	);
	assert.deepEqual(said, [said[0], 'the webhook of router was not reached, and is given up: HTTP 500']);
	assert.equal((await quota(master)).alerts[0]!.delivery.state, 'failed');
	hook.mood = 200;
	await put(master, { limit, webhook: `${hook.url}/y` });
	await watch.look();
	assert.deepEqual([hook.received.at(-1)!.path, (await quota(master)).alerts[0]!.delivery.state], ['/y', 'delivered']);
	// Without one, nobody is told and nothing waits.
	await put(master, { limit: 900_000, webhook: null });
	await watch.look();
	assert.deepEqual(
		(await quota(master)).alerts.map(({ delivery }) => delivery.state),
		['delivered', 'none'],
	);
});

test('it looks each minute, waits for no webhook longer than 10 s, and stops in the middle of one', async (t) => {
	const hook = await startWebhook(t);
	const { master, clock, watch, said, flow } = await open(t);
	await flow({ time: clock.wall(), up: 0, down: 900_000 });
	await put(master, { limit, webhook: hook.url });
	hook.mood = 'freeze';
	watch.start();
	await until(() => hook.received.length === 1);
	await clock.advance(10_000);
	await until(async () => (await quota(master)).alerts[0]!.delivery.tries === 1);
	assert.match((await quota(master)).alerts[0]!.delivery.outcome!, /did not answer within 10 s/);
	await clock.advance(50_000);
	await clock.advance(minuteMs);
	await until(() => hook.received.length === 2);
	await watch.stop();
	assert.deepEqual([said.length, (await quota(master)).alerts[0]!.delivery.tries, hook.mostAtOnce], [1, 1, 1]);
});
