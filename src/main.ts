// argv -> a command -> an exit code. The only place that ends the process, and the only one that hears signals.
import { join } from 'node:path';
import { Agent } from './agent.ts';
import { doctor } from './commands/doctor.ts';
import { exportCommand } from './commands/export.ts';
import { status } from './commands/status.ts';
import { watch } from './commands/watch.ts';
import { type AgentSettings, readSettings } from './config.ts';
import { systemClock as clock } from './system/clock.ts';
import { interruption } from './system/interruption.ts';

declare const NETMON_VERSION: string;

const print = (text: string) => process.stdout.write(`${text}\n`);
const complain = (text: string) => process.stderr.write(`netmon: ${text}\n`);

/** The command line, the environment and the files as they are now. */
function readAgain() {
	return readSettings({ argv: process.argv.slice(2), env: process.env, cwd: process.cwd() });
}

async function main(): Promise<number> {
	const call = readAgain();
	switch (call.command) {
		case 'error':
			complain(call.text);
			return 2;
		case 'help':
			print(call.text);
			return 0;
		case 'version':
			print(`netmon ${NETMON_VERSION}`);
			return 0;
		case 'watch':
			return watch({
				...(call.server ?? { host: null, port: null }),
				clock,
				stdout: process.stdout,
				signal: interruption(),
			});
		case 'status':
			return status({ path: call.settings.statusFile, json: call.json, clock, print, complain });
		case 'doctor':
			for (const warning of call.warnings) complain(warning);
			return doctor({ settings: call.settings, clock, print });
		case 'export': {
			const { stateDir, localDatabase: database } = call.settings;
			const socket = join(stateDir, 'control.sock');
			return exportCommand({ ...call.wanted!, socket, database, clock, print, complain });
		}
		case 'agent':
			return runAgent(call);
	}
}

/** Until a signal, or until nothing is left to do. SIGHUP: the settings are read anew. */
async function runAgent({
	settings,
	warnings,
}: {
	settings: AgentSettings;
	warnings: readonly string[];
}): Promise<number> {
	const signal = interruption();
	const { stdout, stderr } = process;
	const agent = new Agent({ settings, warnings, clock, version: NETMON_VERSION, stdout, stderr });
	process.on('SIGHUP', () => {
		const again = readAgain();
		if (again.command === 'agent') agent.reload(again.settings, again.warnings);
		else
			complain(
				again.command === 'error' ? `the settings stay as they were: ${again.text}` : 'the settings stay as they were',
			);
	});
	try {
		return (await agent.run(signal)) ? 1 : 0;
	} catch (error) {
		complain((error as Error).message);
		return 1;
	}
}

// A reader of our output that goes away (`| head`) is no fault, and no reason to stop counting.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

main().then(
	(code) => process.exit(code),
	(error) => {
		complain(`this is a fault of netmon: ${error instanceof Error ? error.stack : error}`);
		process.exit(70);
	},
);
