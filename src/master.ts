// The master: server -> intake -> store <- stats. Everything is made, started and stopped here; the control socket
// beside the database keeps two masters from one file and takes the owner's orders.

import { Access } from './master/http/access.ts';
import { Intake } from './master/http/intake.ts';
import { LiveBoard } from './master/http/live.ts';
import { pageRoutes } from './master/http/pages.ts';
import { QuotaWatch } from './master/http/quotawatch.ts';
import { allRoutes } from './master/http/routes.ts';
import { MasterServer } from './master/http/server.ts';
import { Store } from './master/store/store.ts';
import { VaultThread } from './master/store/vaultthread.ts';
import type { MasterOrder, MasterSettings } from './masterconfig.ts';
import { startStandalone } from './standalone.ts';
import { type Clock, every } from './system/clock.ts';
import { type Control, type ControlHandler, listen } from './system/control.ts';
import { type Log, openLog } from './system/log.ts';

export interface MasterOptions {
	readonly settings: MasterSettings;
	readonly warnings: readonly string[];
	readonly clock: Clock;
	readonly version: string;
	/** The file of this very program, whose second thread is the store's. */
	readonly program: string;
	readonly writeLog: (line: string) => void;
}

const hourMs = 3_600_000;
const safeTokenLength = 16;

/** Where the control socket of the master with this database is. */
export const controlPath = (database: string) => `${database}.sock`;

export class Master {
	readonly #options: MasterOptions;
	readonly #logOf: (part: string) => Log;
	readonly #live: LiveBoard;
	readonly #store: Store;
	readonly #quotas: QuotaWatch;
	readonly #server: MasterServer;
	#control: Control | null = null;
	#stopWarning = () => {};
	#stopAgent = async () => {};

	constructor(options: MasterOptions) {
		this.#options = options;
		const { settings, clock, version, program, writeLog } = options;
		const { logLevel: level, logFormat: format, database: path, timezone, basePath } = settings;
		this.#logOf = openLog({ level, format, clock, write: writeLog });
		const vault = new VaultThread({ program, path, clock, onSaid: (text) => this.#logOf('store').error(text) });
		this.#store = new Store({ ...settings, path, vault, clock, log: this.#logOf('store') });
		this.#live = new LiveBoard(clock);
		const access = new Access(settings, () => this.#store.tokens);
		const intake = new Intake({ store: this.#store, access, live: this.#live, clock, log: this.#logOf('intake') });
		const api = allRoutes({ store: this.#store, timezone, intake, live: this.#live, clock, version });
		const routes = [...api, ...pageRoutes()];
		this.#quotas = new QuotaWatch({ store: this.#store, timezone, clock, log: this.#logOf('quota') });
		const { listenHost: host, listenPort: port } = settings;
		this.#server = new MasterServer({
			...{ host, port, basePath, timezone, routes, access, clock },
			log: this.#logOf('server'),
		});
	}

	/** Resolves with the port. Rejects with a sentence; then nothing is left open. */
	async start(): Promise<number> {
		const { settings, warnings, clock, version } = this.#options;
		const log = this.#logOf('master');
		const control = await listen({
			path: controlPath(settings.database),
			handlers: this.#handlers(),
			clock,
			log: this.#logOf('control'),
		});
		if ('error' in control) throw new Error(control.error);
		this.#control = control;
		try {
			await this.#store.start();
			const port = await this.#server.start();
			log.info(`netmon-master ${version}: http://${settings.listenHost}:${port}${settings.basePath}/api/v1`);
			for (const warning of warnings) log.warn(warning);
			this.#quotas.start();
			this.#warn(log);
			this.#collect(port);
			return port;
		} catch (error) {
			await this.stop();
			throw error;
		}
	}

	/** Everything acknowledged is on disk before and after. */
	async stop(): Promise<void> {
		this.#stopWarning();
		await this.#stopAgent();
		this.#live.stop();
		await this.#server.stop();
		await this.#quotas.stop();
		await this.#store.stop();
		await this.#control?.stop();
	}

	/** With a core's host: as an agent of its own. */
	#collect(port: number): void {
		const { settings, clock, version, writeLog } = this.#options;
		const { mihomoHost, mihomoPort, mihomoToken, apiToken, basePath, listenHost, database } = settings;
		if (mihomoHost === null) return;
		const any = listenHost === '0.0.0.0' || listenHost === '::';
		const host = any ? '127.0.0.1' : listenHost.includes(':') ? `[${listenHost}]` : listenHost;
		this.#stopAgent = startStandalone({
			controller: { host: mihomoHost, port: mihomoPort, token: mihomoToken },
			master: { url: `http://${host}:${port}${basePath}`, token: apiToken },
			stateDir: `${database}-local`,
			...{ logLevel: settings.logLevel, logFormat: settings.logFormat, clock, version },
			write: (text) => {
				for (const line of text.split('\n').filter((one) => one !== '')) writeLog(line);
				return true;
			},
		});
	}

	#warn(log: Log): void {
		const { apiToken } = this.#options.settings;
		if (apiToken === null || apiToken.length >= safeTokenLength) return;
		const warn = () => log.warn(`--api-token has fewer than ${safeTokenLength} characters: it can be guessed`);
		warn();
		this.#stopWarning = every(this.#options.clock, hourMs, warn);
	}

	#handlers(): Readonly<Record<string, ControlHandler>> {
		const { clock } = this.#options;
		type Order<A extends MasterOrder['ask']> = Extract<MasterOrder, { ask: A }>;
		const handle =
			<A extends MasterOrder['ask']>(
				run: (order: Order<A>, vault: Awaited<ReturnType<Store['settled']>>) => Promise<unknown>,
			): ControlHandler =>
			async (request) =>
				run(request as unknown as Order<A>, await this.#store.settled());
		const changesTokens = async <T>(work: Promise<T>): Promise<T> => {
			const result = await work;
			await this.#store.refresh();
			return result;
		};
		return {
			'token-create': handle<'token-create'>(({ agent }, vault) =>
				changesTokens(vault.call('createToken', [agent, clock.wall()])),
			),
			'token-list': handle<'token-list'>((_order, vault) => vault.call('listTokens', [])),
			'token-revoke': handle<'token-revoke'>(({ id }, vault) =>
				changesTokens(vault.call('revokeToken', [id, clock.wall()])),
			),
			query: (request) => this.#store.query((request as unknown as Order<'query'>).sql),
			backup: handle<'backup'>(({ file }, vault) => vault.call('backup', [file])),
			import: handle<'import'>(({ file }, vault) => vault.call('importOld', [file])),
			forget: handle<'forget'>(({ ask: _, ...order }, vault) => {
				if (order.agent !== null) this.#live.forget(order.agent);
				return changesTokens(vault.call('forget', [order]));
			}),
		};
	}
}
