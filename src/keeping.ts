// What is kept: one owner of the state folder, the queue on its disk, and the sync that empties it. What the engine has
// understood goes through here into files and to the master.
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { AgentSettings } from './config.ts';
import { retryDelay } from './engine/backoff.ts';
import { type DevicesState, readDevicesState } from './engine/devicestate.ts';
import type { Engine, Now } from './engine/engine.ts';
import { History, type Place } from './engine/history.ts';
import type { PageMoment } from './engine/historypage.ts';
import type { Parts } from './parts.ts';
import type { Live } from './record.ts';
import { Queue } from './sinks/queue.ts';
import type { QueuePart, Status, SyncPart } from './sinks/statusfile.ts';
import { Sync } from './sinks/sync.ts';
import { parseJson } from './sources/snapshot.ts';
import type { Clock } from './system/clock.ts';
import { type Control, type ControlHandler, listen } from './system/control.ts';
import type { Disk } from './system/disk.ts';
import { makeFolders } from './system/folders.ts';
import { HttpClient } from './system/http.ts';
import { localDay, localOffset, localZone } from './system/localday.ts';
import type { Log } from './system/log.ts';
import type { AgentHealth } from './wire.ts';

export interface KeepingOptions {
	readonly settings: AgentSettings;
	/** The agent's name. */
	readonly id: string;
	readonly bootId: string | null;
	readonly clock: Clock;
	readonly logOf: (part: string) => Log;
	readonly parts: Parts;
	/** What may be asked at the control socket. */
	readonly handlers: Readonly<Record<string, ControlHandler>>;
	/** What is shown of now. */
	readonly live: () => Live;
	/** For tests; this machine's otherwise. */
	readonly disk?: Disk;
	/** What the master is told of this agent beside its parts. */
	readonly about: () => Pick<AgentHealth, 'version' | 'started' | 'wan'>;
}

/** What a life before has left. */
export interface Kept {
	readonly checkpoint: Uint8Array | null;
	readonly devices: DevicesState | null;
}

/** The devices' name among the parts that the queue keeps beside its rows. */
const devicesPart = 'devices';
/** How many connections a live page shows. */
const busiestCount = 50;

export class Keeping {
	readonly #options: KeepingOptions;
	readonly #queue: Queue;
	#settings: AgentSettings;
	#engine: Engine | null = null;
	#control: Control | null = null;
	#history = new History(localDay);
	#sync: Sync | null = null;
	/** The revision that is in the file. */
	#devicesKept = 0;

	constructor(options: KeepingOptions) {
		this.#options = options;
		this.#settings = options.settings;
		const { settings, bootId, clock, logOf, parts } = options;
		this.#queue = new Queue({
			path: settings.localDatabase,
			persistDir: settings.persistDir,
			clock,
			log: logOf('queue'),
			bootId,
			limitBytes: settings.queueLimitBytes,
			ageMs: settings.queueAgeMs,
			retentionMs: settings.dataRetentionMs,
			commitIntervalMs: settings.commitIntervalMs,
			flushIntervalMs: settings.flushIntervalMs,
			flashBudgetBytes: settings.flashBudgetBytes,
			recordHosts: settings.recordHosts,
			onOk: () => parts.ok('queue'),
			onFailure: (why) => parts.fail('queue', why),
			...(options.disk ? { disk: options.disk } : {}),
		});
	}

	/**
	 * Takes the state folder and opens the queue: the checkpoint of the life before, or null. Rejects with a sentence
	 * when another agent owns the folder; a folder that cannot be written is a fact of health.
	 */
	async open(): Promise<Kept> {
		const { clock, logOf, handlers, parts } = this.#options;
		makeFolders([this.#settings.stateDir, dirname(this.#settings.localDatabase)]);
		const path = join(this.#settings.stateDir, 'control.sock');
		const all = { ...handlers, export: (request: Parameters<ControlHandler>[0]) => this.#queue.answerExport(request) };
		const control = await listen({ path, handlers: all, clock, log: logOf('control') });
		if ('error' in control) {
			if (control.pid !== null) throw new Error(control.error);
			logOf('control').warn(control.error);
		} else this.#control = control;
		parts.attempt('queue');
		const { checkpoint, history } = await this.#queue.open();
		this.#history = new History(localDay, history);
		const devices = new Map(history).get(devicesPart);
		return { checkpoint, devices: devices === undefined ? null : readDevicesState(parseJson(devices)) };
	}

	/** The engine runs from here on. */
	start(engine: Engine): void {
		this.#engine = engine;
		this.#queue.start({
			take: (how) => {
				const now = this.#now();
				const taken = engine.take(how, now);
				for (const row of taken.rows) this.#history.add(row, this.#placeOf(row, engine));
				const parts = how === 'seal' ? this.#history.takeParts(Math.floor(now.wall / 1000)) : [];
				return { ...taken, history: how === 'seal' ? [...parts, ...this.#changedDevices(engine)] : [] };
			},
			checkpoint: () => engine.checkpoint(this.#now()),
			beginEpoch: () => engine.beginEpoch(),
			beginAnew: () => engine.beginAnew(),
			shed: () => engine.shed(),
		});
		this.#startSync();
	}

	/** Another master, or none. What waits goes there. */
	async reload(settings: AgentSettings): Promise<void> {
		await this.#sync?.stop();
		if (settings.masterUrl?.url !== this.#settings.masterUrl?.url) this.#engine?.devices.forgetTaken();
		this.#settings = settings;
		this.#startSync();
	}

	/** Seals and writes what is open; the folder is free afterwards. */
	async stop(): Promise<void> {
		await this.#sync?.stop();
		await this.#queue.stop();
		await this.#control?.stop();
	}

	/** Something may be missing in that time, in s since the Unix epoch. */
	gap(what: string, from: number, to: number): void {
		this.#queue.addGap({ from, to, what });
	}

	/** What the owner looks at. */
	get history(): History {
		return this.#history;
	}

	/** `today` of status.json. */
	today(): Status['today'] {
		const day = this.moment().today;
		return { day, classes: this.#history.day(day).classes };
	}

	/** As the pages are made by. */
	moment(): PageMoment {
		const seconds = Math.floor(this.#now().wall / 1000);
		return { seconds, today: localDay(seconds), offsetOf: localOffset };
	}

	/** `queue` of status.json; null: there is no file. */
	queueStatus(): QueuePart | null {
		const status = this.#queue.status();
		return (
			status && {
				...status.sums,
				rows: status.rows,
				file_bytes: status.fileBytes,
				power_cut_costs_seconds: status.powerCutCostsSeconds,
			}
		);
	}

	/** `sync` of status.json; null: no master is set. */
	syncStatus(): SyncPart | null {
		return this.#sync?.state() ?? null;
	}

	/** By device rather than by address, as far as the router knows whose it is. */
	#placeOf(row: Parameters<Queue['placeOf']>[0], { devices }: Engine): Place | null {
		const place = this.#queue.placeOf(row);
		return place && { ...place, device: devices.deviceKey(place.device) };
	}

	#changedDevices({ devices }: Engine): [part: string, text: string][] {
		if (devices.revision === this.#devicesKept) return [];
		this.#devicesKept = devices.revision;
		return [[devicesPart, JSON.stringify(devices.state())]];
	}

	#startSync(): void {
		const { id, clock, logOf, parts, live, about } = this.#options;
		const settings = this.#settings;
		this.#sync = null;
		if (settings.masterUrl === null) return parts.off('sync');
		parts.begin('sync');
		this.#sync = new Sync({
			clock,
			random: Math.random,
			url: settings.masterUrl.url,
			token: settings.masterToken,
			agentId: id,
			instance: randomBytes(8).toString('hex'),
			tz: () => localZone(Math.floor(clock.wall() / 1000)),
			hosts: settings.recordHosts,
			intervalMs: settings.syncIntervalMs,
			timeoutMs: settings.timeoutMs,
			connect: () => new HttpClient({ clock, tls: settings.masterCertificate }),
			outbox: this.#queue.outbox,
			picture: () => {
				const { wall, speeds, connections } = live();
				const busiest = this.#engine?.busiest(busiestCount, this.#now()) ?? [];
				const health = {
					...about(),
					parts: parts.reports().map(({ part, state, since, last_error }) => ({ part, state, since, last_error })),
					backlog_seconds: this.syncStatus()?.backlog_seconds ?? 0,
				};
				return { devices: this.#engine?.devices.offer() ?? [], health, live: { wall, speeds, connections, busiest } };
			},
			retryDelay: (failures) => retryDelay(settings.retrySync, failures, Math.random()),
			onAttempt: () => parts.attempt('sync'),
			onOk: () => {
				parts.ok('sync');
				this.#engine?.devices.taken();
			},
			onForgot: () => this.#engine?.devices.forgetTaken(),
			onFailure: (why) => parts.fail('sync', why),
			onGiveUp: () => parts.giveUp('sync'),
			onNews: (text) => logOf('sync').info(text),
		});
		this.#sync.start();
	}

	#now(): Now {
		return { wall: this.#options.clock.wall(), mono: this.#options.clock.mono() };
	}
}
