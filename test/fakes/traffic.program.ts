// Traffic with known bytes. `serve PORT` is the internet; the other commands are a LAN host and print what was moved:
// `down HOST PORT RATE SECONDS`, `up HOST PORT RATE SECONDS` (bytes a second; 0 = as fast as it goes) and
// `small HOST PORT PER_SECOND SECONDS` (connections with 15 kB of answer each) -> {"up": bytes, "down": bytes}.
import { connect, createServer, type Socket } from 'node:net';

const beatMs = 20;
const smallBytes = 15_000;
const block = Buffer.alloc(1 << 20, 'netmon ');

/** Writes at `rate` for `seconds`, then ends the socket. Bytes written. */
function pour(socket: Socket, rate: number, seconds: number): Promise<number> {
	return new Promise((resolve) => {
		const began = performance.now();
		let written = 0;
		const timer = setInterval(beat, beatMs);
		socket.on('drain', beat);
		socket.once('close', () => finish());
		beat();
		function beat() {
			const elapsed = Math.min(seconds, (performance.now() - began) / 1000);
			const due = rate > 0 ? Math.floor(rate * elapsed) : Number.POSITIVE_INFINITY;
			while (written < due && !socket.writableNeedDrain && socket.writable) {
				const bytes = Math.min(block.length, due - written);
				socket.write(block.subarray(0, bytes));
				written += bytes;
			}
			if (elapsed >= seconds && (rate === 0 || written >= due)) {
				finish();
				socket.end();
			}
		}
		function finish() {
			clearInterval(timer);
			socket.off('drain', beat);
			resolve(written);
		}
	});
}

/** Answers `down RATE SECONDS\n` by pouring, and swallows what follows `up\n`. */
function serve(port: number): void {
	const server = createServer((socket) => {
		socket.on('error', () => socket.destroy());
		socket.once('data', (head) => {
			const [command, rate, seconds] = head.toString('latin1').split('\n')[0]!.split(' ');
			if (command === 'down') void pour(socket, Number(rate), Number(seconds));
			else if (command === 'small') socket.end(block.subarray(0, smallBytes));
		});
		socket.resume();
	});
	server.listen(port, () => console.log(`listening on ${port}`));
}

/** One connection: sends `request`, then `more`; bytes both ways when it is closed. */
function talk(
	host: string,
	port: number,
	request: string,
	more: (socket: Socket) => Promise<number>,
): Promise<{ up: number; down: number }> {
	return new Promise((resolve, reject) => {
		const socket = connect(port, host);
		let down = 0;
		let up = request.length;
		socket.on('data', (bytes: Buffer) => {
			down += bytes.length;
		});
		socket.once('error', reject);
		socket.once('connect', async () => {
			socket.write(request);
			up += await more(socket);
		});
		socket.once('close', () => resolve({ up, down }));
	});
}

async function small(host: string, port: number, perSecond: number, seconds: number) {
	const all: Promise<{ up: number; down: number }>[] = [];
	const request = `small\n${'x'.repeat(300)}`;
	await new Promise<void>((resolve) => {
		const began = performance.now();
		const timer = setInterval(() => {
			const elapsed = Math.min(seconds, (performance.now() - began) / 1000);
			while (all.length < perSecond * elapsed) all.push(talk(host, port, request, async () => 0));
			if (elapsed < seconds) return;
			clearInterval(timer);
			resolve();
		}, beatMs);
	});
	const moved = await Promise.all(all);
	return moved.reduce((a, b) => ({ up: a.up + b.up, down: a.down + b.down }), { up: 0, down: 0 });
}

async function main([command, ...args]: string[]): Promise<void> {
	if (command === 'serve') return serve(Number(args[0]));
	const [host = '', ...numbers] = args;
	const [port = 0, rate = 0, seconds = 0] = numbers.map(Number);
	const moved =
		command === 'small'
			? await small(host, port, rate, seconds)
			: command === 'up'
				? await talk(host, port, 'up\n', (socket) => pour(socket, rate, seconds))
				: await talk(host, port, `down ${rate} ${seconds}\n`, async () => 0);
	console.log(JSON.stringify(moved));
}

main(process.argv.slice(2))
	.then(() => process.argv[2] !== 'serve' && process.stdin.destroy())
	.catch((error: Error) => {
		console.error(`traffic: ${error.message}`);
		process.exit(1);
	});

// Whoever started this is gone.
process.stdin.on('end', () => process.exit()).resume();
