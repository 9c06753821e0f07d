// A life of the agent's core parts under measurement: frames each second of a fast clock, all connections growing, a few
// new ones a minute. `bare` has the account alone, `queue` the ledger and the queue, `master` the sync too, `full` a
// queue at its bound, `drain` 50,000 rows that waited for a master. Prints one line of JSON.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Account } from '../../src/engine/account.ts';
import type { Transport } from '../../src/sinks/courier.ts';
import { systemClock } from '../../src/system/clock.ts';
import { nodeDisk } from '../../src/system/disk.ts';
import { HttpClient } from '../../src/system/http.ts';
import { HttpError } from '../../src/system/httperror.ts';
import { FakeClock } from '../fakes/clock.ts';
import { Dice } from '../fakes/dice.ts';
import { HomeAgent } from '../fakes/homeagent.ts';
import { MiniCore } from '../fakes/minicore.ts';
import { Life, mib, minute } from '../fakes/queuelife.ts';

const text = { type: 'string' } as const;
const { values } = parseArgs({
	options: {
		mode: { ...text, default: 'queue' },
		connections: { ...text, default: '1000' },
		minutes: { ...text, default: '10' },
		folder: { ...text, default: '' },
		url: { ...text, default: '' },
	},
});
const connections = Number(values.connections);
const warmUpMinutes = 3;
const newAMinute = 5;
/** Below the share from which rows are folded: none is fuller for long. */
const fullShare = 0.79;
const wall = Date.UTC(2026, 2, 1, 8);

const backlogRows = 50_000;

/** Real sockets beside the fast clock: time waits for them. */
let underWay = 0;
let away = false;
function connect(): Transport {
	const client = new HttpClient({ clock: systemClock, tls: null });
	return {
		request: (request) => {
			if (String(request.url).includes('/wake')) return new Promise(() => {});
			if (away) return Promise.reject(new HttpError('refused', 'away'));
			underWay += 1;
			return client.request(request).finally(() => {
				underWay -= 1;
			});
		},
		close: () => client.close(),
	};
}

async function run(): Promise<void> {
	const clock = new FakeClock(wall);
	const core = new MiniCore();
	const dice = new Dice(1);
	const [state, flash] = [join(values.folder, 'state'), join(values.folder, 'flash')];
	for (const folder of [state, flash]) mkdirSync(folder, { recursive: true });
	// Where a queue is only filled, commits are not what is measured.
	const commitIntervalMs = values.mode === 'full' || values.mode === 'drain' ? minute : 5_000;
	const options = { disk: nodeDisk, clock, core, path: join(state, 'queue.db'), persistDir: flash, commitIntervalMs };
	const hasMaster = values.mode === 'master' || values.mode === 'drain';
	const agent = hasMaster ? new HomeAgent({ ...options, seed: 1, url: values.url, connect }) : null;
	const life = agent?.life ?? (values.mode === 'bare' ? null : new Life(options));
	await (agent ?? life)?.start();
	const account = new Account();
	account.learnTypes(new Map([['node-1', 'Vless']]));
	const frame = life ? () => life.frame() : () => account.frame(core.snapshot(), clock.mono());
	const open = () => core.openOne({ host: `${dice.uuid().slice(0, 8)}.example.com` });
	const second = async () => {
		for (const connection of core.open) core.grow(connection, dice.int(100, 20_000), dice.int(1_000, 500_000));
		frame();
		await clock.advance(1_000);
		while (underWay > 0) await new Promise((resolve) => setImmediate(resolve));
	};
	const churn = () => {
		for (const connection of core.open.slice(0, newAMinute)) core.close(connection);
		while (core.open.length < connections) open();
	};
	/** A minute with a single frame, to fill a queue. */
	const quick = async () => {
		churn();
		for (const connection of core.open) core.grow(connection, dice.int(100, 1_000_000), dice.int(1_000, 30_000_000));
		frame();
		await clock.advance(minute);
	};
	const pass = async (minutes: number) => {
		for (let at = 0; at < minutes; at += 1) {
			churn();
			for (let left = minute; left > 0; left -= 1_000) await second();
		}
	};
	/** Real seconds in which a backlog goes to the master, while what lives grows each second. */
	const drain = async (): Promise<number> => {
		away = true;
		while ((life?.queue.status()?.rows ?? 0) < backlogRows) await quick();
		away = false;
		const { sealed } = life!.queue.outbox.epochs().at(-1)!;
		const began = performance.now();
		while (life!.queue.outbox.epochs().at(-1)!.acked < sealed) await second();
		return (performance.now() - began) / 1000;
	};
	frame();
	if (values.mode === 'full' && life) {
		while ((life.queue.status()?.fileBytes ?? 0) < fullShare * 16 * mib) await quick();
	}
	let drainedSeconds = 0;
	if (values.mode === 'drain' && life) drainedSeconds = await drain();
	else await pass(warmUpMinutes);
	const before = process.cpuUsage();
	const sent = agent?.sync.state().bytes_sent ?? 0;
	if (values.mode !== 'drain') await pass(Number(values.minutes));
	const { user, system } = process.cpuUsage(before);
	const told = {
		cpuMs: (user + system) / 1000 / (Number(values.minutes) * 60),
		sentBytes: (agent?.sync.state().bytes_sent ?? 0) - sent,
		fileBytes: life?.queue.status()?.fileBytes ?? 0,
		rows: life?.queue.status()?.rows ?? 0,
		drainedSeconds,
		waiting: agent?.sync.state().backlog_seconds ?? 0,
	};
	// A fast clock makes garbage faster than it is collected: what is held is what counts. The parent looks at the memory of
	// this process before it lets it go.
	for (let times = 0; times < 4; times += 1) {
		globalThis.gc?.();
		await new Promise((resolve) => setTimeout(resolve, 250));
	}
	process.stdout.write(`${JSON.stringify(told)}\n`);
	setInterval(() => {}, minute);
}

void run();
