// argv of netmon-master -> a command -> an exit code; in its second thread, the store. The only place of the master
// that ends the process and hears signals.

import { order } from './master/http/order.ts';
import { serveVault } from './master/store/vaultthread.ts';
import { controlPath, Master } from './master.ts';
import { readMasterSettings } from './masterconfig.ts';
import { systemClock as clock } from './system/clock.ts';
import { interruption } from './system/interruption.ts';

declare const NETMON_VERSION: string;

const print = (text: string) => process.stdout.write(`${text}\n`);
const complain = (text: string) => process.stderr.write(`netmon-master: ${text}\n`);

async function main(): Promise<number> {
	const call = readMasterSettings({ argv: process.argv.slice(2), env: process.env, cwd: process.cwd() });
	switch (call.command) {
		case 'error':
			complain(call.text);
			return 2;
		case 'help':
			print(call.text);
			return 0;
		case 'version':
			print(`netmon-master ${NETMON_VERSION}`);
			return 0;
		case 'order':
			return order({ socket: controlPath(call.settings.database), order: call.order, clock, print, complain });
		case 'master': {
			const signal = interruption();
			const stopped = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
			process.stderr.on('error', () => {});
			const master = new Master({
				settings: call.settings,
				warnings: call.warnings,
				clock,
				version: NETMON_VERSION,
				program: __filename,
				writeLog: (line) => process.stderr.write(`${line}\n`),
			});
			try {
				await master.start();
			} catch (error) {
				complain((error as Error).message);
				return 1;
			}
			await stopped;
			await master.stop();
			return 0;
		}
	}
}

if (!serveVault()) {
	main().then(
		(code) => process.exit(code),
		(error) => {
			complain(`this is a fault of netmon: ${error instanceof Error ? error.stack : error}`);
			process.exit(70);
		},
	);
}
