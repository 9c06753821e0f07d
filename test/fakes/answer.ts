// HTTP answers as bytes, the way uhttpd sends them, and ubus's kind of JSON.
import type { Socket } from 'node:net';

export interface Answer {
	readonly status: number;
	readonly headers: Record<string, string>;
	readonly body: string;
}

/** JSON with bigints as the bare, signed 64-bit integers that ubus prints. */
export function encode(value: unknown): string {
	const text = JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? `\u0001${BigInt.asIntN(64, one)}` : one));
	return text.replace(/"\\u0001(-?\d+)"/g, '$1');
}

/** The bytes of an answer as uhttpd sends them: chunked, connection closed afterwards. */
export function rawAnswer({ status, headers, body }: Answer): Buffer {
	const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
	const text = Buffer.from(body);
	const head = `HTTP/1.1 ${status} X\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n${lines.join('')}\r\n`;
	const chunk = text.length > 0 ? [Buffer.from(`${text.length.toString(16)}\r\n`), text, Buffer.from('\r\n')] : [];
	return Buffer.concat([Buffer.from(head), ...chunk, Buffer.from('0\r\n\r\n')]);
}

/** Writes `bytes` in pieces that end at `ends`, one turn of the loop apart. */
export async function writePieces(socket: Socket, bytes: Buffer, ends: readonly number[]): Promise<void> {
	let from = 0;
	for (const end of [...ends, bytes.length]) {
		if (end <= from) continue;
		socket.write(bytes.subarray(from, end));
		from = end;
		await new Promise((resolve) => setImmediate(resolve));
	}
	socket.end();
}
