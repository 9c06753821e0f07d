// The agent: readings -> engine -> displays and files. What was counted outlives a change of settings; what reads and
// shows is made anew for it. Each part tells its health, and none takes another down.
import type { AgentSettings } from './config.ts';
import { Displays } from './displays.ts';
import { Engine } from './engine/engine.ts';
import { Keeping, type Kept } from './keeping.ts';
import { Parts } from './parts.ts';
import { Readings } from './readings.ts';
import type { Live } from './record.ts';
import { restartWarnings, standingWarnings } from './settings/standing.ts';
import type { Output } from './sinks/terminal.ts';
import { bootId } from './sources/coreprocess.ts';
import { readStaticHosts } from './sources/statichosts.ts';
import { StatusBoard } from './statusboard.ts';
import { agentId } from './system/agentid.ts';
import { bothClocks, type Clock, every } from './system/clock.ts';
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
	#displays: Displays;
	#board: StatusBoard;
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
			handlers: { status: () => this.#board.status(this.#live()) },
			live: () => this.#live(),
			...(options.disk ? { disk: options.disk } : {}),
			about: () => this.#board.about(this.#live()),
		});
		this.#board = this.#openBoard();
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
		const sources = `core ${settings.clash.url}, WAN by ${settings.wanSource}`;
		this.#logOf('agent').info(`netmon ${version} as ${this.#id}, ${sources}`);
		this.#engine = this.#openEngine(await this.#keeping.open());
		this.#readings = this.#openReadings();
		this.#keeping.start(this.#engine);
		await this.#start(warnings);
		this.#stops = [
			every(clock, tickMs, () => this.#tick()),
			every(clock, minuteMs, () => this.#logOf('agent').info(this.#board.minute(this.#live()))),
			every(clock, hourMs, () => this.#warn(standingWarnings(this.#settings))),
		];
		const hopeless = await ended;
		for (const stop of this.#stops) stop();
		await this.#reloading;
		await this.#stop();
		await this.#keeping.stop();
		this.#board.remove();
		this.#logOf('agent').info('stopped');
		return hopeless;
	}

	/** Goes on with other settings; not a byte is lost, because the core's counters go on meanwhile. */
	reload(settings: AgentSettings, warnings: readonly string[]): void {
		this.#reloading = this.#reloading.then(async () => {
			await this.#stop();
			const fixed = restartWarnings(this.#settings, settings);
			this.#board.giveWay(settings);
			this.#settings = settings;
			this.#board = this.#openBoard();
			this.#displays = this.#openDisplays();
			this.#readings = this.#openReadings();
			await this.#keeping.reload(settings);
			this.#logOf('agent').info('going on with the settings as they are now');
			await this.#start([...warnings, ...fixed]);
		});
	}

	async #start(warnings: readonly string[]): Promise<void> {
		this.#warn([...warnings, ...standingWarnings(this.#settings)]);
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
			now: bothClocks(this.#options.clock),
			events: {
				opened: (connection) => this.#displays.connections?.opened(connection),
				grown: (connection, up, down) => this.#displays.connections?.grown(connection, up, down),
				closed: (connection, up, down) => this.#displays.connections?.closed(connection, up, down),
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
				const { asksForTypes } = this.#engine.frame(snapshot, { ...bothClocks(clock), mono });
				if (asksForTypes) this.#readings.lookUpTypes();
			},
			onCoreLost: () => this.#engine.coreLost(),
			onCoreInterval: (ms) => {
				this.#engine.coreIntervalMs = ms;
			},
			onWanSample: (sample, intervalMs) => this.#engine.wanSample(sample, intervalMs, bothClocks(clock)),
			onNeighbours: (facts) => {
				this.#engine.learnDevices(facts, readStaticHosts(this.#settings.router?.hosts ?? []), bothClocks(clock));
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
			logOf: this.#logOf,
			parts: this.#parts,
			stdout: this.#options.stdout,
			wanDevices: () => this.#readings?.wan.sample?.devices.map(({ name }) => name) ?? settings.wanDevice ?? [],
		});
	}

	#openBoard(): StatusBoard {
		const { version, clock } = this.#options;
		return new StatusBoard({
			settings: this.#settings,
			id: this.#id,
			version,
			started: this.#started,
			clock,
			parts: this.#parts,
			keeping: this.#keeping,
			sources: () => ({ engine: this.#engine, readings: this.#readings, displays: this.#displays }),
		});
	}

	#tick(): void {
		this.#engine.moment(bothClocks(this.#options.clock));
		this.#readings.tick();
		const live = this.#live();
		this.#displays.show(live, () => this.#board.words());
		this.#board.write(live);
		this.#parts.tick();
	}

	#live(): Live {
		return this.#engine.live(bothClocks(this.#options.clock), tickMs);
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
