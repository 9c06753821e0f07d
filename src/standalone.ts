// The master that collects by itself: the agent, whole, in the same process, as agent `local`. It syncs to its own
// master as any other does, so there is one way into the store.
import { mkdirSync } from 'node:fs';
import { Agent } from './agent.ts';
import { readSettings } from './config.ts';
import type { Clock } from './system/clock.ts';

export interface StandaloneOptions {
	readonly controller: { readonly host: string; readonly port: number; readonly token: string | null };
	/** Of this very master, and its token. */
	readonly master: { readonly url: string; readonly token: string | null };
	/** For the agent's queue; made where there is none. */
	readonly stateDir: string;
	readonly logLevel: string;
	readonly logFormat: string;
	readonly clock: Clock;
	readonly version: string;
	/** Gets pieces of log, with newlines. */
	readonly write: (text: string) => boolean;
}

/** Seconds: it is near, and who looks at a page of it looks now. */
const syncInterval = '10';

/** Starts it; the answer ends it, and resolves when what it had counted is with the master. */
export function startStandalone(options: StandaloneOptions): () => Promise<void> {
	const { controller, master, stateDir, clock, version, write } = options;
	mkdirSync(stateDir, { recursive: true, mode: 0o700 });
	const flags = {
		'mihomo-host': controller.host,
		'mihomo-port': String(controller.port),
		'master-url': master.url,
		'agent-id': 'local',
		'sync-interval': syncInterval,
		'state-dir': stateDir,
		'listen-port': '0',
		'wan-source': 'none',
		'log-connections': 'off',
		'log-level': options.logLevel,
		'log-format': options.logFormat,
		view: 'off',
		config: 'none',
		'env-file': 'none',
	};
	const call = readSettings({
		argv: ['agent', ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`)],
		env: { NETMON_MIHOMO_TOKEN: controller.token ?? '', NETMON_MASTER_TOKEN: master.token ?? '' },
		cwd: stateDir,
	});
	if (call.command !== 'agent') throw new Error(call.command === 'error' ? call.text : 'the agent did not start');
	const agent = new Agent({
		settings: call.settings,
		warnings: [],
		clock,
		version,
		stdout: { isTTY: false, write: () => true, on: () => {}, off: () => {} },
		stderr: { write },
	});
	const stopping = new AbortController();
	const ended = agent.run(stopping.signal).catch((error: Error) => write(`netmon-master: ${error.message}\n`));
	return async () => {
		stopping.abort();
		await ended;
	};
}
