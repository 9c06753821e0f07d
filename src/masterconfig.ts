// The door to the settings of netmon-master: command line, environment and files in, a command with typed settings
// out, or one sentence of error. Nothing here prints or ends the process.
import { isIP } from 'node:net';
import { resolve as resolvePath } from 'node:path';
import { type CommandLine, readArgv } from './settings/argv.ts';
import { helpText } from './settings/help.ts';
import * as kind from './settings/kind.ts';
import type { Environment, ReadFile } from './settings/layer.ts';
import { masterProgram, masterTable } from './settings/master.ts';
import { type Resolved, resolve } from './settings/resolve.ts';
import { secretOf } from './settings/secretfile.ts';
import { group, type Values } from './settings/setting.ts';
import { readSources } from './settings/sources.ts';
import { readSmallFile } from './system/smallfile.ts';

/** Everything `netmon-master` may be told, parsed: units in the names, paths absolute, null = none. */
export type MasterSettings = Omit<
	Values<typeof masterTable>,
	'apiTokenFile' | 'mihomoTokenFile' | 'config' | 'envFile' | 'timezone' | 'allowHost'
> & {
	readonly timezone: string;
	/** null = any. */
	readonly allowHosts: readonly string[] | null;
};

/** What `forget` erases: names given together must all match. */
export interface ForgetOrder {
	readonly agent: string | null;
	readonly device: string | null;
	readonly host: string | null;
	/** ms since the Unix epoch; what was last seen before it. */
	readonly before: number | null;
}

/** What the running master is asked to do, through its control socket. */
export type MasterOrder =
	| { readonly ask: 'token-create'; readonly agent: string }
	| { readonly ask: 'token-list' }
	| { readonly ask: 'token-revoke'; readonly id: number }
	| { readonly ask: 'query'; readonly sql: string }
	| { readonly ask: 'backup'; readonly file: string }
	| { readonly ask: 'import'; readonly file: string }
	| ({ readonly ask: 'forget' } & ForgetOrder);

export type MasterInvocation =
	| { readonly command: 'master'; readonly settings: MasterSettings; readonly warnings: readonly string[] }
	| { readonly command: 'order'; readonly settings: MasterSettings; readonly order: MasterOrder }
	| { readonly command: 'help'; readonly text: string }
	| { readonly command: 'version' }
	| { readonly command: 'error'; readonly text: string };

export interface MasterCall {
	readonly argv: readonly string[];
	readonly env: Environment;
	readonly cwd: string;
	readonly readFile?: ReadFile;
}

const forgetGroup = group('netmon-master forget (what is named together must match together)');
const moment: kind.Kind<number> = {
	name: 'TIME',
	allowed: 'a day (2026-01-31) or a time (2026-01-31T12:00:00Z)',
	parse: (text) =>
		/^\d{4}-\d{2}-\d{2}/.test(text) && Number.isFinite(Date.parse(text)) ? Date.parse(text) : undefined,
};
const forgetTable = {
	agent: forgetGroup.optional(kind.agentId, { flag: 'agent', help: 'an agent' }),
	device: forgetGroup.optional(kind.text, { flag: 'device', help: 'a device, by its address or MAC' }),
	host: forgetGroup.optional(kind.text, { flag: 'host', help: 'a host name or address' }),
	before: forgetGroup.optional(moment, { flag: 'before', help: 'what was last seen before this moment' }),
};

const switches = [{ flag: 'help', short: 'h' }, { flag: 'version', short: 'V' }, { flag: 'no-token' }];

const usage = `netmon-master: takes what agents send, keeps it, answers questions about it

  netmon-master [master] [FLAGS]       run; http://127.0.0.1:9091/api/v1/health says OK
  netmon-master token create AGENT     a token for one agent, printed once
  netmon-master token list             whose tokens there are
  netmon-master token revoke NUMBER    make one worthless
  netmon-master query 'SELECT ...'     ask the store in SQL (read-only; the view connections has it all)
  netmon-master backup FILE            a copy of the store, while the master runs
  netmon-master import FILE            take over the master.db of mihomo-connections-tracker
  netmon-master forget FLAGS           erase names, keep sums
  netmon-master help, version          also -h, --help and -V, --version
  --no-token                           listen beyond loopback without a token

All but the first ask the running master, found by --database.`;
const footer = `Each flag (but those of forget, and --no-token) is also a variable (NETMON_ and the flag in
capitals) and a UCI option (the flag with _ for -) of config master 'main'. The first that is set
counts: flag, environment, .env file, UCI file. Empty is not set.`;

/** Decides what the program was asked to do. Never throws, whatever stands in the arguments and files. */
export function readMasterSettings({ argv, env, cwd, readFile = readSmallFile }: MasterCall): MasterInvocation {
	const line = readArgv(argv, { ...masterTable, ...forgetTable }, switches);
	if ('error' in line) {
		const wanted = argv.some((one) => one === '--help' || one === '-h');
		return wanted ? help() : fault(line.error.replaceAll('netmon', 'netmon-master'));
	}
	const [word = 'master', ...more] = line.words;
	if (line.switches.has('help') || word === 'help') return help();
	if (line.switches.has('version') || word === 'version') return { command: 'version' };
	const order = word === 'master' ? null : orderOf(word, more, line, cwd);
	if (order && 'error' in order) return fault(order.error);
	if (word === 'master' && more.length > 0) return fault('netmon-master master takes flags and no further words');
	if (word !== 'forget' && Object.values(forgetTable).some(({ flag }) => line.given.has(flag))) {
		return fault('--agent, --device, --host and --before belong to netmon-master forget');
	}
	const around = { cwd, readFile };
	const sources = readSources(masterProgram, line.given, env, around);
	if ('error' in sources) return fault(sources.error);
	const resolved = resolve(masterTable, sources.layers);
	if ('error' in resolved) return fault(resolved.error);
	const token = secretOf(resolved, ['apiToken', 'apiTokenFile'], masterTable, around);
	if ('error' in token) return fault(token.error);
	const core = secretOf(resolved, ['mihomoToken', 'mihomoTokenFile'], masterTable, around);
	if ('error' in core) return fault(core.error);
	const settings = compose(resolved, { apiToken: token.value, mihomoToken: core.value }, cwd);
	if (order) return { command: 'order', settings, order };
	const unsafe = !isLoopback(settings.listenHost) && settings.apiToken === null && !line.switches.has('no-token');
	if (unsafe) {
		return fault(
			`--listen-host ${settings.listenHost} is open to others and no --api-token is set: set one, or say --no-token`,
		);
	}
	return { command: 'master', settings, warnings: [...sources.warnings, ...exposed(resolved)] };
}

function compose(
	resolved: Resolved<typeof masterTable>,
	secrets: { readonly apiToken: string | null; readonly mihomoToken: string | null },
	cwd: string,
): MasterSettings {
	const { apiToken } = secrets;
	const { apiTokenFile, mihomoTokenFile, config, envFile, timezone, allowHost, ...rest } = resolved.values;
	return {
		...rest,
		...secrets,
		database: resolvePath(cwd, rest.database),
		timezone: timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
		allowHosts: allowHost ?? (apiToken === null && isLoopback(rest.listenHost) ? loopbackNames : null),
	};
}

const loopbackNames = ['localhost', '127.0.0.1', '::1'];

function isLoopback(address: string): boolean {
	return isIP(address) === 4 ? address.startsWith('127.') : address === '::1';
}

function orderOf(
	word: string,
	more: readonly string[],
	{ given }: CommandLine,
	cwd: string,
): MasterOrder | { readonly error: string } {
	const [first, second] = more;
	const one = more.length === 1 && first !== undefined;
	switch (word) {
		case 'token':
			if (first === 'list' && more.length === 1) return { ask: 'token-list' };
			if (first === 'create' && more.length === 2 && kind.agentId.parse(second!)) {
				return { ask: 'token-create', agent: second! };
			}
			if (first === 'revoke' && more.length === 2 && /^\d{1,9}$/.test(second!)) {
				return { ask: 'token-revoke', id: Number(second) };
			}
			return { error: 'netmon-master token takes create AGENT, list, or revoke NUMBER' };
		case 'query':
			return one
				? { ask: 'query', sql: first }
				: { error: "netmon-master query takes one SELECT, in quotes: 'SELECT ...'" };
		case 'backup':
		case 'import':
			return one
				? { ask: word, file: resolvePath(cwd, first) }
				: { error: `netmon-master ${word} takes the path of one file` };
		case 'forget':
			return more.length === 0 ? forgetOrder(given) : { error: 'netmon-master forget takes flags and no words' };
		default:
			return {
				error: 'there is no such command of netmon-master; there are master, token, query, backup, import and forget',
			};
	}
}

function forgetOrder(given: CommandLine['given']): MasterOrder | { readonly error: string } {
	const read = resolve(forgetTable, [{ name: 'flag', find: ({ flag }) => found(given.get(flag)) }]);
	if ('error' in read) return read;
	if (Object.values(read.values).every((value) => value === null)) {
		return { error: 'netmon-master forget takes at least one of --agent, --device, --host and --before' };
	}
	return { ask: 'forget', ...read.values };
}

function found(texts: readonly string[] | undefined) {
	return texts && { texts, where: 'flag' };
}

function exposed({ from }: Resolved<typeof masterTable>): string[] {
	return [masterTable.apiToken, masterTable.mihomoToken]
		.filter((setting) => from.get(setting) === 'flag')
		.map(
			({ flag }) => `/proc shows the secret of --${flag} to every user of this machine; --${flag}-file FILE hides it`,
		);
}

function fault(text: string): MasterInvocation {
	return { command: 'error', text };
}

function help(): MasterInvocation {
	return { command: 'help', text: helpText({ ...masterTable, ...forgetTable }, { usage, footer }) };
}
