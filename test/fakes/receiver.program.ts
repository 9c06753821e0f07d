// The reference receiver as a program, for tests that kill: keeps its state in a file that is written and synced before
// each answer, so that what it acknowledged outlives it. Prints {"port":N} when it listens.
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Receiver } from './receiver.ts';
import { ReceiverServer } from './receiverserver.ts';

const text = { type: 'string' } as const;
const { values } = parseArgs({
	options: {
		port: { ...text, default: '0' },
		/** Where the state is kept; there is none without it. */
		file: text,
		token: text,
		kind: { ...text, default: 'netmon' },
	},
});

class FileReceiver extends Receiver {
	override take(body: string) {
		const answer = super.take(body);
		if (values.file && answer.status === 200) save(values.file, this.toText());
		return answer;
	}
}

function save(file: string, state: string): void {
	const descriptor = openSync(`${file}.new`, 'w', 0o600);
	writeSync(descriptor, state);
	fsyncSync(descriptor);
	closeSync(descriptor);
	renameSync(`${file}.new`, file);
}

const receiver = new FileReceiver({ kind: values.kind === 'old' ? 'old' : 'netmon', wall: () => Date.now() });
try {
	if (values.file) receiver.fromText(readFileSync(values.file, 'utf8'));
} catch (error) {
	if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
const { token } = values;
const server = new ReceiverServer({ receiver, port: Number(values.port), ...(token === undefined ? {} : { token }) });
void server.start().then(() => process.stdout.write(`${JSON.stringify({ port: Number(new URL(server.url).port) })}\n`));
process.on('SIGTERM', () => void server.stop());
process.on('SIGUSR2', () => process.stdout.write(`${JSON.stringify({ sums: receiver.allSums() })}\n`));
