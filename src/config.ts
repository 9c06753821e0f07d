// The door to the settings: command line, environment and files in, a command with typed settings out, or one
// sentence of error. The table of all settings is settings/agent.ts. Nothing here prints or ends the process.
import { agentProgram, agentTable } from './settings/agent.ts';
import { type CommandLine, readArgv } from './settings/argv.ts';
import { type AgentSettings, composeAgent } from './settings/compose.ts';
import { type ExportRequest, exportTable, readExport } from './settings/export.ts';
import { helpText } from './settings/help.ts';
import type { Environment, Layer, ReadFile } from './settings/layer.ts';
import { parseHostAndPort, udpPort } from './settings/place.ts';
import { resolve } from './settings/resolve.ts';
import type { Surroundings } from './settings/secretfile.ts';
import { readSources } from './settings/sources.ts';
import { readSmallFile } from './system/smallfile.ts';

export type { AgentSettings } from './settings/compose.ts';
export type { ControllerPlace, Endpoint } from './settings/place.ts';
export type { RouterFacts, StaticHost } from './settings/router.ts';

export type Invocation =
	| WithSettings
	/** null = whoever broadcasts. */
	| { readonly command: 'watch'; readonly server: { readonly host: string; readonly port: number } | null }
	| { readonly command: 'help'; readonly text: string }
	| { readonly command: 'version' }
	/** One sentence for stderr; the program exits 2. */
	| { readonly command: 'error'; readonly text: string };

export interface WithSettings {
	readonly command: 'agent' | 'status' | 'doctor' | 'export';
	/** `--json`: for `status` only. */
	readonly json: boolean;
	/** For `export` only. */
	readonly wanted: ExportRequest | null;
	readonly settings: AgentSettings;
	/** Sentences to log once. */
	readonly warnings: readonly string[];
}

export interface Call {
	/** Without node and the program. */
	readonly argv: readonly string[];
	readonly env: Environment;
	readonly cwd: string;
	/** Reads a whole file or throws as `readFileSync` does; by default the disk. */
	readonly readFile?: ReadFile;
}

const switches = [{ flag: 'help', short: 'h' }, { flag: 'version', short: 'V' }, { flag: 'json' }];
const commands = ['agent', 'status', 'doctor', 'export'] as const;

/** Decides what the program was asked to do. Never throws, whatever stands in the arguments and files. */
export function readSettings({ argv, env, cwd, readFile = readSmallFile }: Call): Invocation {
	const exports = argv.includes('export');
	const line = readArgv(argv, exports ? { ...agentTable, ...exportTable } : agentTable, switches);
	if ('error' in line) return argv.some((one) => one === '--help' || one === '-h') ? help() : fault(line.error);
	const [word, ...more] = line.words;
	if (line.switches.has('help') || word === 'help') return help();
	if (line.switches.has('version') || word === 'version') return { command: 'version' };
	const json = line.switches.has('json');
	if (json && word !== 'status') return fault('--json belongs to netmon status');
	if (word === 'watch') return watch(line, more);
	if (word === 'master') return fault('the master is a program of its own: netmon-master');
	const command = commands.find((one) => one === word);
	if (word !== undefined && !command) {
		// A word behind flags may be the rest of a secret that was not quoted.
		const shown = argv[0] === word ? JSON.stringify(word) : 'the word behind the flags';
		return fault(`${shown} is no command of netmon; there are agent, watch, status, doctor, export, help and version`);
	}
	if (more.length > 0) return fault(`netmon ${word} takes flags and no further words; quote a value that has blanks`);
	const asked = command ?? (argv.length > 0 ? 'agent' : null);
	const wanted = asked === 'export' ? readExport(line.given) : null;
	if (wanted && 'error' in wanted) return fault(wanted.error);
	return withSettings(asked, { line, env, json, wanted, around: { cwd, readFile } });
}

interface Asked {
	readonly line: CommandLine;
	readonly env: Environment;
	readonly json: boolean;
	readonly wanted: ExportRequest | null;
	readonly around: Surroundings;
}

function withSettings(asked: WithSettings['command'] | null, { line, env, json, wanted, around }: Asked): Invocation {
	const sources = readSources(agentProgram, line.given, env, around);
	if ('error' in sources) return fault(sources.error);
	if (asked === null && !sources.layers.some(namesASource)) return help();
	const resolved = resolve(agentTable, sources.layers);
	if ('error' in resolved) return fault(resolved.error);
	const composed = composeAgent(resolved, sources.router, around);
	if ('error' in composed) return fault(composed.error);
	const warnings = [...sources.warnings, ...composed.warnings];
	return { command: asked ?? 'agent', json, wanted, settings: composed.settings, warnings };
}

/** The old program's way to be started without a word and a flag. */
function namesASource({ name, find }: Layer): boolean {
	return name !== 'UCI' && (find(agentTable.clashUrl) ?? find(agentTable.luciUrl)) !== undefined;
}

function watch({ given }: CommandLine, [place, ...more]: readonly string[]): Invocation {
	if (given.size > 0 || more.length > 0) return fault('netmon watch takes a HOST or HOST:PORT and no flags');
	if (place === undefined) return { command: 'watch', server: null };
	const server = parseHostAndPort(place, udpPort);
	return server ? { command: 'watch', server } : fault('netmon watch takes a HOST, HOST:PORT or [IPV6]:PORT');
}

function fault(text: string): Invocation {
	return { command: 'error', text };
}

function help(): Invocation {
	return { command: 'help', text: helpText(agentTable) };
}
