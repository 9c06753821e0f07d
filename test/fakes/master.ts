// A master in this process: the real server, store and vault on a folder that goes with the test, without the thread.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Access } from '../../src/master/http/access.ts';
import { Intake } from '../../src/master/http/intake.ts';
import { LiveBoard } from '../../src/master/http/live.ts';
import { pageRoutes } from '../../src/master/http/pages.ts';
import { allRoutes } from '../../src/master/http/routes.ts';
import { MasterServer } from '../../src/master/http/server.ts';
import { Store } from '../../src/master/store/store.ts';
import { Vault } from '../../src/master/store/vault.ts';
import type { VaultPort } from '../../src/master/store/vaultthread.ts';
import { type Clock, systemClock } from '../../src/system/clock.ts';
import type { Log } from '../../src/system/log.ts';

export interface FakeMasterOptions {
	readonly apiToken?: string | null;
	readonly allowHosts?: readonly string[] | null;
	readonly folder?: string;
	readonly basePath?: string;
	readonly clock?: Clock;
	/** Stands before the vault. */
	readonly before?: (vault: VaultPort) => VaultPort;
}

export interface FakeMaster {
	/** `http://127.0.0.1:PORT` */
	readonly url: string;
	readonly store: Store;
	readonly vault: VaultPort;
	readonly live: LiveBoard;
	readonly routes: ReturnType<typeof allRoutes>;
	readonly said: string[];
	stop(): Promise<void>;
}

export function scratchFolder(t: { after(run: () => unknown): void }): string {
	const folder = mkdtempSync(join(tmpdir(), 'netmon-master-'));
	t.after(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
}

export async function startMaster(
	t: { after(run: () => unknown): void },
	{
		apiToken = null,
		allowHosts = null,
		folder = scratchFolder(t),
		basePath = '',
		clock = systemClock,
		before = (one) => one,
	}: FakeMasterOptions = {},
): Promise<FakeMaster> {
	const path = join(folder, 'master.db');
	const said: string[] = [];
	const say = (text: string) => void said.push(text);
	const log: Log = { error: say, warn: say, info: () => {}, debug: () => {}, debugs: false };
	const vault = before(await directVault(path));
	const day = 86_400_000;
	const store = new Store({ path, vault, clock, log, retentionMs: 36_500 * day, retentionUsageMs: 36_500 * day });
	await store.start();
	const live = new LiveBoard(clock);
	const access = new Access({ apiToken, allowHosts }, () => store.tokens);
	const intake = new Intake({ store, access, live, clock, log });
	const routes = allRoutes({ store, timezone: 'UTC', intake, live, clock, version: '0.0.0' });
	const server = new MasterServer({
		...{ host: '127.0.0.1', port: 0, basePath, timezone: 'UTC', access, clock, log },
		routes: [...routes, ...pageRoutes()],
	});
	const url = `http://127.0.0.1:${await server.start()}`;
	const stop = async () => {
		live.stop();
		await server.stop();
		await store.stop();
	};
	t.after(stop);
	return { url, store, vault, live, routes, said, stop };
}

/** Calls it here, one after the other. */
export async function directVault(path: string): Promise<VaultPort> {
	const { vault } = await Vault.open(path, 0);
	let open = true;
	return {
		async call(name, args) {
			const call = vault[name] as (...args: readonly unknown[]) => never;
			// As if it went to another thread.
			return structuredClone(await call.apply(vault, structuredClone([...args]))) as never;
		},
		async stop() {
			if (open) vault.close();
			open = false;
		},
	};
}
