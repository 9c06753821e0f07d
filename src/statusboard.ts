// What the agent says of itself: status.json each second, the router's pages while somebody looks, a line each minute.
// A file that cannot be written is a fact of health.
import type { AgentSettings } from './config.ts';
import type { Displays } from './displays.ts';
import type { Engine } from './engine/engine.ts';
import type { Keeping } from './keeping.ts';
import type { Parts } from './parts.ts';
import type { Readings } from './readings.ts';
import type { Live } from './record.ts';
import { RouterPages } from './routerpages.ts';
import type { Words } from './sinks/picture.ts';
import { minuteReport, statusOf } from './sinks/report.ts';
import { type Status, StatusFile } from './sinks/statusfile.ts';
import type { Clock } from './system/clock.ts';

/** Who is asked. */
export interface StatusSources {
	readonly engine: Engine;
	readonly readings: Readings;
	readonly displays: Displays;
}

export interface StatusBoardOptions {
	readonly settings: AgentSettings;
	/** The agent's name. */
	readonly id: string;
	readonly version: string;
	/** ms since the Unix epoch. */
	readonly started: number;
	readonly clock: Clock;
	readonly parts: Parts;
	readonly keeping: Keeping;
	/** As they are now: a change of settings makes some of them anew. */
	readonly sources: () => StatusSources;
}

export class StatusBoard {
	readonly #options: StatusBoardOptions;
	readonly #file: StatusFile;
	readonly #pages: RouterPages;

	constructor(options: StatusBoardOptions) {
		this.#options = options;
		this.#file = new StatusFile(options.settings.statusFile);
		this.#pages = new RouterPages(options);
	}

	/** To be called once a second. Never throws. */
	write(live: Live): void {
		const { parts, settings, sources } = this.#options;
		try {
			parts.attempt('status');
			this.#file.write(this.status(live));
			const { engine, readings } = sources();
			this.#pages.tick(engine.devices, readings.neighbourNotes);
			parts.ok('status');
		} catch (error) {
			parts.fail('status', `${settings.statusFile}: ${(error as NodeJS.ErrnoException).code}`);
		}
	}

	status(live: Live): Status {
		const { settings, id, version, started, parts, keeping, sources } = this.#options;
		const { engine, readings, displays } = sources();
		return statusOf({
			version,
			agentId: id,
			started,
			now: live.wall,
			coreUrl: settings.clash.url,
			core: readings.core,
			coreRuns: engine.runs,
			coreIntervalMs: readings.coreIntervalMs,
			live,
			local: engine.local,
			today: keeping.today(),
			wan: readings.wan,
			udp: displays.counters(),
			queue: keeping.queueStatus(),
			sync: keeping.syncStatus(),
			health: parts.reports(),
		});
	}

	/** What the master is told of this agent. */
	about(live: Live) {
		const { version, started, wan } = this.status(live);
		return { version, started, wan: { source: wan.source, devices: wan.devices, why: wan.why } };
	}

	/** For the log, once a minute. */
	minute(live: Live): string {
		return minuteReport(live, this.#options.parts.reports());
	}

	/** What stands beside the figures of a live view. */
	words(): Words {
		const { id, parts, sources } = this.#options;
		const notes = (['mihomo', 'wan'] as const).flatMap((name) => {
			const complaint = parts.complaint(name);
			return complaint === null ? [] : [`${name}: ${complaint}`];
		});
		const { core, wan } = sources().readings;
		const source = `${core ? `mihomo ${core.version}` : 'mihomo not reached'}, ${wan.source ?? 'no WAN'}`;
		return { title: id, source, notes };
	}

	/** Another board follows, with these settings: a file that it will write stays, for whoever reads it meanwhile. */
	giveWay({ statusFile }: AgentSettings): void {
		this.#pages.remove();
		if (statusFile !== this.#options.settings.statusFile) this.#file.remove();
	}

	/** Nothing runs any more. */
	remove(): void {
		this.#file.remove();
		this.#pages.remove();
	}
}
