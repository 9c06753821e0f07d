// The agent: readings -> engine -> displays and files. What was counted outlives a change of settings; what reads and
// shows is made anew for it. Each part tells its health, and none takes another down.
import type { AgentSettings } from './config.ts';
import { Displays } from './displays.ts';
import { Engine, type Now } from './engine/engine.ts';
import { Keeping, type Kept } from './keeping.ts';
import { Parts } from './parts.ts';
import { Readings } from './readings.ts';
import type { Live } from './record.ts';
import { RouterPages } from './routerpages.ts';
import { standingWarnings } from './settings/standing.ts';
import { ConnectionLog } from './sinks/connectionlog.ts';
import { minuteReport, statusOf } from './sinks/report.ts';
import { type Status, StatusFile } from './sinks/statusfile.ts';
import type { Output } from './sinks/terminal.ts';
import { bootId } from './sources/coreprocess.ts';
import { readStaticHosts } from './sources/statichosts.ts';
import { agentId } from './system/agentid.ts';
import { type Clock, every } from './system/clock.ts';
import type { Disk } from './system/disk.ts';
import { type Log, openLog } from './system/log.ts';
import type { openWanSources } from './wansources.ts';

export interface AgentOptions {
	readonly settings: AgentSettings;
	/** Sentences about the settings, to be logged once. */
	readonly warnings: readonly string[];
	readonly clock: Clock;
	readonly version: string;
	readonly stdout: Output;
	readonly stderr: { readonly isTTY?: boolean; readonly writableLength?: number; write(text: string): boolean };
	/** For tests; the settings' own otherwise. */
	readonly openSources?: typeof openWanSources;
	readonly disk?: Disk;
}

const tickMs = 1000;
const minuteMs = 60_000;
const hourMs = 3_600_000;

export class Agent {
	readonly #options: AgentOptions;
	readonly #id: string;
	readonly #started: number;
	readonly #logOf: (part: string) => Log;
	readonly #parts: Parts;
	readonly #keeping: Keeping;
	/** Made when the queue has told what the life before left, as are those that feed it. */
	#engine!: Engine;
	#readings!: Readings;
	#settings: AgentSettings;
	#connections: ConnectionLog | null = null;
	#displays: Displays;
	#pages: RouterPages;
	#statusFile: StatusFile;
	#reloading: Promise<void> = Promise.resolve();
	#stops: (() => void)[] = [];
	#end: (hopeless: boolean) => void = () => {};

	constructor(options: AgentOptions) {
		this.#options = options;
		const { settings, clock } = options;
		this.#settings = settings;
		this.#started = clock.wall();
		const folders = [settings.persistDir, settings.stateDir].filter((folder) => folder !== null);
		this.#id = agentId({ configured: settings.agentId, folders, devices: settings.wanDevice ?? [] });
		this.#logOf = openLog({
			level: settings.logLevel,
			format: settings.logFormat,
			clock,
			write: (line) => this.#writeLog(line),
			unread: () => options.stderr.writableLength ?? 0,
		});
		this.#parts = new Parts({ names: ['mihomo', 'wan', 'udp', 'queue', 'sync', 'status'], clock, logOf: this.#logOf });
		this.#displays = this.#openDisplays();
		this.#keeping = new Keeping({
			settings,
			id: this.#id,
			bootId: bootId(),
			clock,
			logOf: this.#logOf,
			parts: this.#parts,
			handlers: { status: () => this.#status(this.#live()) },
			live: () => this.#live(),
			...(options.disk ? { disk: options.disk } : {}),
			about: () => {
				const { version, started, wan } = this.#status(this.#live());
				return { version, started, wan: { source: wan.source, devices: wan.devices, why: wan.why } };
			},
		});
		this.#statusFile = new StatusFile(settings.statusFile);
		this.#pages = new RouterPages({ settings, clock, keeping: this.#keeping });
	}

	/**
	 * Until `signal`; resolves true when both sources were given up and nothing is left to be done. Rejects with a
	 * sentence when another agent owns the state folder.
	 */
	async run(signal: AbortSignal): Promise<boolean> {
		const ended = new Promise<boolean>((resolve) => {
			this.#end = resolve;
			signal.addEventListener('abort', () => resolve(false), { once: true });
			if (signal.aborted) resolve(false);
		});
		const { clock, version, settings, warnings } = this.#options;
		this.#logOf('agent').info(
			`netmon ${version} as ${this.#id}, core ${settings.clash.url}, WAN by ${settings.wanSource}`,
		);
		this.#engine = this.#openEngine(await this.#keeping.open());
		this.#readings = this.#openReadings();
		this.#keeping.start(this.#engine);
		await this.#start(warnings);
		this.#stops = [
			every(clock, tickMs, () => this.#tick()),
			every(clock, minuteMs, () => this.#minute()),
			every(clock, hourMs, () => this.#warn(standingWarnings(this.#settings))),
		];
		const hopeless = await ended;
		for (const stop of this.#stops) stop();
		await this.#reloading;
		await this.#stop();
		await this.#keeping.stop();
		this.#statusFile.remove();
		this.#pages.remove();
		this.#logOf('agent').info('stopped');
		return hopeless;
	}

	/** Goes on with other settings; not a byte is lost, because the core's counters go on meanwhile. */
	reload(settings: AgentSettings, warnings: readonly string[]): void {
		this.#reloading = this.#reloading.then(async () => {
			await this.#stop();
			const fixed = (['stateDir', 'persistDir', 'localDatabase', 'agentId', 'logLevel', 'logFormat'] as const).filter(
				(name) => settings[name] !== this.#settings[name],
			);
			const moved = settings.statusFile !== this.#settings.statusFile;
			this.#settings = settings;
			this.#pages.remove();
			this.#pages = new RouterPages({ settings, clock: this.#options.clock, keeping: this.#keeping });
			if (moved) {
				this.#statusFile.remove();
				this.#statusFile = new StatusFile(settings.statusFile);
			}
			this.#displays = this.#openDisplays();
			this.#readings = this.#openReadings();
			await this.#keeping.reload(settings);
			this.#logOf('agent').info('going on with the settings as they are now');
			await this.#start([...warnings, ...fixed.map((name) => `${name} is another one now: that takes a restart`)]);
		});
	}

	async #start(warnings: readonly string[]): Promise<void> {
		const settings = this.#settings;
		this.#connections = settings.logConnections ? new ConnectionLog(this.#logOf('conn')) : null;
		this.#warn([...warnings, ...standingWarnings(settings)]);
		await this.#displays.start();
		this.#readings.start();
	}

	async #stop(): Promise<void> {
		await this.#readings.stop();
		await this.#displays.stop();
	}

	// Readings -> engine

	#openEngine(kept: Kept): Engine {
		const log = this.#logOf('mihomo');
		return new Engine({
			bootId: bootId(),
			intervalMs: tickMs,
			...kept,
			now: this.#now(),
			events: {
				opened: (connection) => this.#connections?.opened(connection),
				grown: (connection, up, down) => this.#connections?.grown(connection, up, down),
				closed: (connection, up, down) => this.#connections?.closed(connection, up, down),
				stranger: (ip) => this.#readings.ask(ip),
				newRun: () => log.info('the core was started anew: its totals begin at 0'),
				gap: (what, from, to) => {
					log.warn(`gap: ${what}`);
					this.#keeping.gap(what, from, to);
				},
			},
		});
	}

	#openReadings(): Readings {
		const { clock, openSources } = this.#options;
		return new Readings({
			settings: this.#settings,
			clock,
			logOf: this.#logOf,
			parts: this.#parts,
			tickMs,
			onArrive: (identity) => this.#engine.arrive(identity),
			onProxies: (types, identity) => this.#engine.learnProxies(types, identity),
			onSnapshot: (snapshot, mono) => {
				const { asksForTypes } = this.#engine.frame(snapshot, { ...this.#now(), mono });
				if (asksForTypes) this.#readings.lookUpTypes();
			},
			onCoreLost: () => this.#engine.coreLost(),
			onCoreInterval: (ms) => {
				this.#engine.coreIntervalMs = ms;
			},
			onWanSample: (sample, intervalMs) => this.#engine.wanSample(sample, intervalMs, this.#now()),
			onNeighbours: (facts) => {
				this.#engine.learnDevices(facts, readStaticHosts(this.#settings.router?.hosts ?? []), this.#now());
			},
			onHopeless: () => this.#end(true),
			...(openSources ? { openSources } : {}),
		});
	}

	// Engine -> displays and files

	#openDisplays(): Displays {
		const settings = this.#settings;
		return new Displays({
			settings,
			id: this.#id,
			clock: this.#options.clock,
			log: this.#logOf('udp'),
			parts: this.#parts,
			stdout: this.#options.stdout,
			wanDevices: () => this.#readings?.wan.sample?.devices.map(({ name }) => name) ?? settings.wanDevice ?? [],
		});
	}

	#tick(): void {
		this.#engine.moment(this.#now());
		this.#readings.tick();
		const live = this.#live();
		this.#displays.show(live, this.#words());
		this.#connections?.tick();
		this.#writeStatus(live);
		this.#parts.tick();
	}

	#minute(): void {
		this.#logOf('agent').info(minuteReport(this.#live(), this.#parts.reports()));
	}

	#live(): Live {
		return this.#engine.live(this.#now(), tickMs);
	}

	#status(live: Live): Status {
		return statusOf({
			version: this.#options.version,
			agentId: this.#id,
			started: this.#started,
			now: live.wall,
			coreUrl: this.#settings.clash.url,
			core: this.#readings.core,
			coreRuns: this.#engine.runs,
			coreIntervalMs: this.#readings.coreIntervalMs,
			live,
			local: this.#engine.local,
			today: this.#keeping.today(),
			wan: this.#readings.wan,
			udp: this.#displays.counters(),
			queue: this.#keeping.queueStatus(),
			sync: this.#keeping.syncStatus(),
			health: this.#parts.reports(),
		});
	}

	#writeStatus(live: Live): void {
		try {
			this.#parts.attempt('status');
			this.#statusFile.write(this.#status(live));
			this.#pages.tick(this.#engine.devices, this.#readings.neighbourNotes);
			this.#parts.ok('status');
		} catch (error) {
			this.#parts.fail('status', `${this.#settings.statusFile}: ${(error as NodeJS.ErrnoException).code}`);
		}
	}

	#words() {
		const notes = (['mihomo', 'wan'] as const).flatMap((name) => {
			const complaint = this.#parts.complaint(name);
			return complaint === null ? [] : [`${name}: ${complaint}`];
		});
		const { core, wan } = this.#readings;
		const source = `${core ? `mihomo ${core.version}` : 'mihomo not reached'}, ${wan.source ?? 'no WAN'}`;
		return { title: this.#id, source, notes };
	}

	#now(): Now {
		const { clock } = this.#options;
		return { wall: clock.wall(), mono: clock.mono() };
	}

	#warn(warnings: readonly string[]): void {
		for (const warning of warnings) this.#logOf('agent').warn(warning);
	}

	#writeLog(line: string): void {
		const { stdout, stderr } = this.#options;
		const shared = stdout.isTTY && stderr.isTTY;
		if (!shared || !this.#displays.aboveView(line)) stderr.write(`${line}\n`);
	}
}
