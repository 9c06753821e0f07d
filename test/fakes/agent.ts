// The agent as `netmon agent FLAGS` makes it, in this process and on a clock of the test's.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent, type AgentOptions } from '../../src/agent.ts';
import { readSettings } from '../../src/config.ts';
import type { Status } from '../../src/sinks/statusfile.ts';
import { FakeClock } from './clock.ts';

export interface Running {
	readonly clock: FakeClock;
	readonly log: string[];
	readonly shown: string[];
	/** How many bytes the reader of the log leaves lying. */
	unread: number;
	readonly status: () => Status;
	readonly statusFile: string;
	/** Resolves as `Agent.run` does. */
	readonly ended: Promise<boolean>;
	/** As SIGHUP after the settings were changed to these flags. */
	readonly reload: (flags: readonly string[]) => void;
	readonly stop: () => Promise<void>;
}

export function start(
	flags: readonly string[],
	more: Pick<AgentOptions, 'openSources' | 'disk'> & { readonly clock?: FakeClock } = {},
): Running {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-agent-'));
	const settingsOf = (given: readonly string[]) => {
		const quiet = given.includes('--listen-port') ? [] : ['--listen-port', '0'];
		const config = given.includes('--config') ? [] : ['--config', 'none'];
		const state = given.includes('--state-dir') ? [] : ['--state-dir', folder];
		const argv = ['agent', ...config, '--env-file', 'none', ...state, ...quiet, ...given];
		const call = readSettings({ argv, env: {}, cwd: folder });
		assert.equal(call.command, 'agent', JSON.stringify(call));
		return call as Extract<typeof call, { command: 'agent' | 'status' | 'doctor' | 'export' }>;
	};
	const { settings, warnings } = settingsOf(flags);
	const clock = more.clock ?? new FakeClock();
	const log: string[] = [];
	const shown: string[] = [];
	const stdout = { write: (text: string) => shown.push(text) > 0, on: () => {}, off: () => {} };
	const stderr = {
		write: (text: string) => log.push(text) > 0,
		get writableLength() {
			return running.unread;
		},
	};
	const end = new AbortController();
	const running = {
		clock,
		log,
		shown,
		unread: 0,
		statusFile: settings.statusFile,
		status: () => JSON.parse(readFileSync(settings.statusFile, 'utf8')),
		reload: (given: readonly string[]) => {
			const again = settingsOf(given);
			agent.reload(again.settings, again.warnings);
		},
		stop: async () => {
			end.abort();
			await ended;
			rmSync(folder, { recursive: true, force: true });
		},
	};
	const agent = new Agent({ settings, warnings, version: '1.2.3', stdout, stderr, ...more, clock });
	const ended = agent.run(end.signal);
	return Object.assign(running, { ended });
}
