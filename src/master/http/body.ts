// The body of a request, read to its end within limits: bytes counted before and after decompression, and a peer that
// drips is cut off.
import type { IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';
import type { Clock } from '../../system/clock.ts';
import { Refusal } from './answer.ts';

export interface BodyLimits {
	/** Of one whose Content-Length says how long it is. */
	readonly maxBytes: number;
	/** Of one that may turn out to be of any length: after decompression, or without a Content-Length. */
	readonly maxUnsaidBytes: number;
	readonly clock: Clock;
	/** Told of bytes to be kept; false = there is no room for them now. */
	readonly admit: (bytes: number) => boolean;
}

/** A body must bring so much in each period, or end. */
const periodMs = 8_000;
const bytesAPeriod = 32 * 1024;

/** Rejects with a `Refusal`: 408, 413, 415, 503 or 400. */
export function readBody(
	request: IncomingMessage,
	{ maxBytes: most, maxUnsaidBytes, clock, admit }: BodyLimits,
): Promise<Buffer> {
	const encoding = request.headers['content-encoding'] ?? 'identity';
	if (encoding !== 'identity' && encoding !== 'gzip') {
		return Promise.reject(new Refusal(415, 'Content-Encoding is gzip or nothing'));
	}
	const length = encoding === 'gzip' ? undefined : request.headers['content-length'];
	const maxBytes = length === undefined ? maxUnsaidBytes : most;
	if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge(maxBytes));
	return new Promise((resolve, reject) => {
		// In one piece where its length is known: pieces that are put together are twice the memory.
		const whole = length === undefined ? null : Buffer.allocUnsafeSlow(Number(length));
		const chunks: Buffer[] = [];
		let bytes = 0;
		let arrived = 0;
		let cancel = () => {};
		const finish = (outcome: () => void) => {
			cancel();
			request.off('data', count);
			outcome();
		};
		const fail = (refusal: Refusal) =>
			finish(() => {
				gunzip?.destroy();
				request.unpipe();
				request.resume();
				reject(refusal);
			});
		const watch = () => {
			const before = arrived;
			cancel = clock.after(periodMs, () => {
				if (arrived - before < bytesAPeriod)
					fail(new Refusal(408, 'the body came too slowly', { Connection: 'close' }));
				else watch();
			});
		};
		const count = (chunk: Buffer) => {
			arrived += chunk.byteLength;
		};
		const gunzip = encoding === 'gzip' ? createGunzip() : null;
		const source = gunzip ? request.pipe(gunzip) : request;
		watch();
		request.on('data', count);
		source.on('data', (chunk: Buffer) => {
			bytes += chunk.byteLength;
			if (bytes > maxBytes) fail(tooLarge(maxBytes));
			else if (!admit(chunk.byteLength)) fail(new Refusal(503, 'too much at once: come back', { 'Retry-After': '5' }));
			else if (whole) chunk.copy(whole, bytes - chunk.byteLength);
			else chunks.push(chunk);
		});
		source.on('end', () => finish(() => resolve(whole ?? Buffer.concat(chunks))));
		source.on('error', () => fail(new Refusal(400, gunzip ? 'the body is no gzip' : 'the body was cut off')));
		request.on('aborted', () => fail(new Refusal(400, 'the body was cut off')));
	});
}

function tooLarge(maxBytes: number): Refusal {
	return new Refusal(413, `such a body has at most ${maxBytes} bytes`, { Connection: 'close' });
}
