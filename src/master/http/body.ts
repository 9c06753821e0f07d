// The body of a request, read to its end within limits: bytes counted before and after decompression, a peer that
// drips is cut off, and what begins as no body does is not kept. It is lent, not given: its memory is used again.
import type { IncomingMessage } from 'node:http';
import { createGunzip } from 'node:zlib';
import type { Clock } from '../../system/clock.ts';
import { deeperThan } from '../batch/depth.ts';
import { maxLevels, tooDeep } from '../batch/syncbody.ts';
import { Refusal } from './answer.ts';
import { type BodyMemory, GrowingBody } from './bodymemory.ts';

export interface BodyLimits {
	/** Of one whose Content-Length says how long it is. */
	readonly maxBytes: number;
	/** Of one that may turn out to be of any length: after decompression, or without a Content-Length. */
	readonly maxUnsaidBytes: number;
	readonly clock: Clock;
	/** Told of bytes to be kept; false = there is no room for them now. */
	readonly admit: (bytes: number) => boolean;
	readonly memory: BodyMemory;
}

/** A body must bring so much in each period, or end. */
const periodMs = 8_000;
const bytesAPeriod = 32 * 1024;

/** Rejects with a `Refusal`: 408, 413, 415, 503 or 400; or with what `use` throws, which has the body for its call alone. */
export function readBody<T>(
	request: IncomingMessage,
	{ maxBytes: most, maxUnsaidBytes, clock, admit, memory }: BodyLimits,
	use: (body: Buffer) => T,
): Promise<T> {
	const encoding = request.headers['content-encoding'] ?? 'identity';
	if (encoding !== 'identity' && encoding !== 'gzip') {
		return Promise.reject(new Refusal(415, 'Content-Encoding is gzip or nothing'));
	}
	const length = encoding === 'gzip' ? undefined : request.headers['content-length'];
	const maxBytes = length === undefined ? maxUnsaidBytes : most;
	if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.reject(tooLarge(maxBytes));
	return new Promise((resolve, reject) => {
		const body = new GrowingBody(memory);
		let over = false;
		// What is no body by its beginning is listened to up to its end, for who sends it hears nothing before, and not kept.
		let hopeless = false;
		let bytes = 0;
		let arrived = 0;
		let cancel = () => {};
		const finish = (outcome: () => void) => {
			if (over) return;
			over = true;
			cancel();
			request.off('data', count);
			source.off('data', keep);
			outcome();
			body.letGo();
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
			memory.count(chunk.byteLength);
		};
		const keep = (piece: Buffer) => {
			const first = bytes === 0;
			bytes += piece.byteLength;
			if (bytes > maxBytes) fail(tooLarge(maxBytes));
			else if (first && deeperThan(piece, maxLevels)) hopeless = true;
			else if (hopeless) return;
			else if (!admit(piece.byteLength)) fail(new Refusal(503, 'too much at once: come back', { 'Retry-After': '5' }));
			else body.add(piece);
		};
		const gunzip = encoding === 'gzip' ? createGunzip() : null;
		const source = gunzip ? request.pipe(gunzip) : request;
		watch();
		request.on('data', count);
		source.on('data', keep);
		source.on('end', () =>
			finish(() => {
				try {
					if (hopeless) throw new Refusal(400, tooDeep);
					resolve(use(body.whole));
				} catch (error) {
					reject(error);
				}
			}),
		);
		source.on('error', () => fail(new Refusal(400, gunzip ? 'the body is no gzip' : 'the body was cut off')));
		request.on('aborted', () => fail(new Refusal(400, 'the body was cut off')));
	});
}

function tooLarge(maxBytes: number): Refusal {
	return new Refusal(413, `such a body has at most ${maxBytes} bytes`, { Connection: 'close' });
}
