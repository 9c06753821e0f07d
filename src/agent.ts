// The agent: sources -> engine -> sinks. Everything is made, started and stopped here, in the order data flows; each
// part tells its health, and none takes another down.
import type { AgentSettings } from './config.ts';
import { Displays } from './displays.ts';
import { Account } from './engine/account.ts';
import { retryDelay } from './engine/backoff.ts';
import { Overview } from './engine/overview.ts';
import { WanCounter } from './engine/wan.ts';
import { Parts } from './parts.ts';
import type { Live, Snapshot, WanSample } from './record.ts';
import { ConnectionLog } from './sinks/connectionlog.ts';
import { minuteReport, statusOf } from './sinks/report.ts';
import { StatusFile } from './sinks/statusfile.ts';
import type { Output } from './sinks/terminal.ts';
import { bootId } from './sources/coreprocess.ts';
import { Mihomo } from './sources/mihomo.ts';
import { WanChooser } from './sources/wan.ts';
import { agentId } from './system/agentid.ts';
import { type Clock, every } from './system/clock.ts';
import { type Log, openLog } from './system/log.ts';
import { type NotedWanSource, openWanSources } from './wansources.ts';

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
}

const tickMs = 1000;
const minuteMs = 60_000;
const hourMs = 3_600_000;
/** Frames that come at least so often set the pace of the WAN samples too, so that both tell of one moment. */
const pacingIntervalMs = 1200;

export class Agent {
	readonly #options: AgentOptions;
	readonly #id: string;
	readonly #started: number;
	readonly #logOf: (part: string) => Log;
	readonly #parts: Parts;
	readonly #connections: ConnectionLog | null;
	readonly #account: Account;
	readonly #overview: Overview;
	readonly #wanCounter: WanCounter;
	readonly #mihomo: Mihomo;
	readonly #wan: WanChooser;
	readonly #displays: Displays;
	readonly #statusFile: StatusFile;
	#core: { readonly version: string } | null = null;
	#wanSources: readonly NotedWanSource[] = [];
	#wanSample: WanSample | null = null;
	#frameMono = Number.NEGATIVE_INFINITY;
	#stops: (() => Promise<void> | void)[] = [];
	#end: (hopeless: boolean) => void = () => {};

	constructor(options: AgentOptions) {
		this.#options = options;
		const { settings, clock } = options;
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
		this.#parts = new Parts({ names: ['mihomo', 'wan', 'udp', 'status'], clock, logOf: this.#logOf });
		this.#connections = settings.logConnections ? new ConnectionLog(this.#logOf('conn')) : null;
		this.#overview = new Overview({ intervalMs: tickMs });
		this.#account = this.#openAccount();
		this.#wanCounter = new WanCounter({ intervalMs: tickMs, bootId: bootId() });
		this.#mihomo = this.#openMihomo();
		this.#wan = this.#openWan();
		this.#displays = new Displays({
			settings,
			id: this.#id,
			clock,
			log: this.#logOf('udp'),
			parts: this.#parts,
			stdout: options.stdout,
			wanDevices: () => this.#wanSample?.devices.map(({ name }) => name) ?? settings.wanDevice ?? [],
		});
		this.#statusFile = new StatusFile(settings.statusFile);
	}

	/** Until `signal`; resolves true when both sources were given up and nothing is left to be done. */
	async run(signal: AbortSignal): Promise<boolean> {
		const ended = new Promise<boolean>((resolve) => {
			this.#end = resolve;
			signal.addEventListener('abort', () => resolve(false), { once: true });
			if (signal.aborted) resolve(false);
		});
		await this.#start();
		const hopeless = await ended;
		await this.#stop();
		return hopeless;
	}

	async #start(): Promise<void> {
		const { settings, warnings, clock, version } = this.#options;
		const log = this.#logOf('agent');
		log.info(`netmon ${version} as ${this.#id}, core ${settings.clash.url}, WAN by ${settings.wanSource}`);
		for (const warning of warnings) log.warn(warning);
		await this.#displays.start();
		this.#wan.start();
		this.#sampleWan();
		this.#mihomo.start();
		this.#stops = [every(clock, tickMs, () => this.#tick()), every(clock, minuteMs, () => this.#minute())];
		const standing = standingWarnings(settings);
		const warn = () => {
			for (const warning of standing) log.warn(warning);
		};
		warn();
		this.#stops.push(every(clock, hourMs, warn));
	}

	async #stop(): Promise<void> {
		for (const stop of this.#stops) stop();
		await this.#mihomo.stop();
		await this.#wan.stop();
		await this.#displays.stop();
		this.#statusFile.remove();
		this.#logOf('agent').info('stopped');
	}

	// Sources -> engine

	#openAccount(): Account {
		const log = this.#logOf('mihomo');
		return new Account({
			opened: (connection) => {
				this.#overview.opened();
				this.#connections?.opened(connection);
			},
			grown: (connection, _class, up, down) => this.#connections?.grown(connection, up, down),
			closed: (connection, up, down) => this.#connections?.closed(connection, up, down),
			newRun: () => log.info('the core was started anew: its totals begin at 0'),
			gap: (what) => log.warn(`gap: ${what}`),
		});
	}

	#openMihomo(): Mihomo {
		const { settings, clock } = this.#options;
		return new Mihomo({
			address: settings.clash,
			interval: settings.interval,
			timeoutMs: settings.timeoutMs,
			clock,
			retryDelay: (failures) => retryDelay(settings.retryMihomo, failures, Math.random()),
			onAttempt: () => this.#parts.attempt('mihomo'),
			onArrive: (identity, version) => {
				this.#core = { version };
				this.#account.arrive(identity);
			},
			onProxies: (types, identity) => {
				this.#account.identify(identity);
				this.#account.learnTypes(types);
			},
			onSnapshot: (snapshot, mono) => this.#takeSnapshot(snapshot, mono),
			onRefused: (why) => this.#parts.fail('mihomo', `a frame was refused: ${why}`),
			onFailure: (why) => {
				this.#core = null;
				this.#overview.coreLost();
				this.#parts.fail('mihomo', why);
			},
			onGiveUp: () => this.#giveUp('mihomo'),
			onInterval: (ms) => {
				this.#overview.coreIntervalMs = ms;
				this.#logOf('mihomo').info(`reading every ${ms} ms from now on`);
			},
		});
	}

	#takeSnapshot(snapshot: Snapshot, mono: number): void {
		this.#parts.ok('mihomo');
		this.#frameMono = mono;
		this.#account.frame(snapshot, mono);
		this.#overview.coreFrame(this.#account.totals(), snapshot.connections.length, mono);
		if (this.#account.unknownLeaves.size > 0) this.#mihomo.lookUpTypes();
		if (this.#mihomo.intervalMs <= pacingIntervalMs) this.#sampleWan();
	}

	#openWan(): WanChooser {
		const { settings, clock } = this.#options;
		const sources = (this.#options.openSources ?? openWanSources)({ settings, clock, log: this.#logOf('wan') });
		this.#wanSources = sources;
		if (sources.length === 0) this.#parts.off('wan');
		return new WanChooser({
			clock,
			sources,
			intervalMs: tickMs,
			onSample: (sample, intervalMs) => {
				this.#wanSample = sample;
				if (sample.devices[0]) this.#overview.wanDeviceIs(sample.devices[0].name);
				this.#overview.wanStep(this.#wanCounter.take(sample, intervalMs), sample.mono, intervalMs);
				if (sample.devices.length > 0) this.#parts.ok('wan');
				else this.#parts.fail('wan', sample.why);
			},
			onFailure: (error, source) => {
				this.#parts.fail('wan', `${source}: ${error}`);
				const failures = this.#parts.failuresInARow('wan');
				if (source === 'luci' && retryDelay(settings.retryLuci, failures, 0) === null) this.#giveUp('wan');
			},
			onChange: (_source, why) => this.#logOf('wan').info(`counters by ${why}`),
		});
	}

	/** What the source in use has to say. */
	#wanNotes(): readonly string[] {
		return this.#wanSources.find(({ name }) => name === this.#wan.source)?.notes() ?? [];
	}

	#sampleWan(): void {
		if (this.#parts.isOver('wan')) return;
		this.#parts.attempt('wan');
		this.#wan.tick();
	}

	/** A finite retry profile has ended: that part is over; with both sources over there is nothing left to tell. */
	#giveUp(source: 'mihomo' | 'wan'): void {
		this.#parts.giveUp(source);
		if (this.#parts.isOver('mihomo') && this.#parts.isOver('wan')) this.#end(true);
	}

	// Engine -> sinks

	#tick(): void {
		const { clock } = this.#options;
		const mono = clock.mono();
		if (mono - this.#frameMono > pacingIntervalMs || this.#mihomo.intervalMs > pacingIntervalMs) this.#sampleWan();
		const live = this.#overview.live(clock.wall(), mono, tickMs);
		this.#displays.show(live, this.#words());
		this.#connections?.tick();
		this.#writeStatus(live);
		this.#parts.tick();
	}

	#minute(): void {
		const { clock } = this.#options;
		const live = this.#overview.live(clock.wall(), clock.mono(), tickMs);
		this.#logOf('agent').info(minuteReport(live, this.#parts.reports()));
	}

	#writeStatus(live: Live): void {
		const { settings, version, clock } = this.#options;
		try {
			this.#parts.attempt('status');
			this.#statusFile.write(
				statusOf({
					version,
					agentId: this.#id,
					started: this.#started,
					now: clock.wall(),
					coreUrl: settings.clash.url,
					coreVersion: this.#core?.version ?? null,
					coreRuns: this.#account.runs,
					coreIntervalMs: this.#mihomo.intervalMs,
					live,
					local: this.#overview.sums?.local ?? null,
					wanSource: this.#wan.source,
					wanWhy: this.#wan.why,
					wanSample: this.#wanSample,
					wanNotes: this.#wanNotes(),
					udp: this.#displays.counters(),
					health: this.#parts.reports(),
				}),
			);
			this.#parts.ok('status');
		} catch (error) {
			this.#parts.fail('status', `${settings.statusFile}: ${(error as NodeJS.ErrnoException).code}`);
		}
	}

	#words() {
		const notes = (['mihomo', 'wan'] as const).flatMap((name) => {
			const complaint = this.#parts.complaint(name);
			return complaint === null ? [] : [`${name}: ${complaint}`];
		});
		const core = this.#core ? `mihomo ${this.#core.version}` : 'mihomo not reached';
		return { title: this.#id, source: `${core}, ${this.#wan.source ?? 'no WAN'}`, notes };
	}

	#writeLog(line: string): void {
		const { stdout, stderr } = this.#options;
		const shared = stdout.isTTY && stderr.isTTY;
		if (!shared || !this.#displays.aboveView(line)) stderr.write(`${line}\n`);
	}
}

/** What a user should not forget: told at the start and each hour. */
function standingWarnings(settings: AgentSettings): string[] {
	const certificates = [
		['clash', settings.clash.certificate],
		['luci', settings.luciCertificate],
		['master', settings.masterCertificate],
	] as const;
	return certificates
		.filter(([, rule]) => rule === 'any')
		.map(([name]) => `--${name}-certificate any: whoever is on the way can read the secret and the answers`);
}
