// The way to a receiver without a socket: what HttpClient would do, in one turn of the event loop, with faults.
import { gunzipSync } from 'node:zlib';
import type { HttpAnswer, HttpRequest } from '../../src/system/http.ts';
import { HttpError, type HttpErrorCode } from '../../src/system/httperror.ts';
import type { Receiver } from './receiver.ts';

/** What happens to one request; null = nothing. `lost`: it was committed, the answer never arrived. */
export type TransportFault =
	| { readonly kind: 'error'; readonly code: HttpErrorCode }
	| { readonly kind: 'lost' }
	| {
			readonly kind: 'status';
			readonly status: number;
			readonly headers?: Record<string, string>;
			readonly body?: string;
	  };

export class ReceiverTransport {
	/** Asked for each request. */
	fault: (request: HttpRequest) => TransportFault | null = () => null;
	/** Of the routes besides sync. */
	other: (route: string) => { status: number; body: string } = () => ({ status: 404, body: '' });
	/** Method and path of each request, in order. */
	readonly requests: string[] = [];
	readonly headers: Readonly<Record<string, string>>[] = [];
	receiver: Receiver;
	closed = false;

	constructor(receiver: Receiver) {
		this.receiver = receiver;
	}

	async request(request: HttpRequest): Promise<HttpAnswer> {
		const path = request.url instanceof URL ? request.url.pathname + request.url.search : request.url.path;
		this.requests.push(`${request.method ?? 'GET'} ${path}`);
		this.headers.push(request.headers ?? {});
		await Promise.resolve();
		if (this.closed || request.signal?.aborted) throw new HttpError('stopped', 'stopped');
		const fault = this.fault(request);
		if (fault?.kind === 'error') throw new HttpError(fault.code, `receiver: ${fault.code}`);
		if (fault?.kind === 'status') return answerOf(fault.status, fault.body ?? '', fault.headers);
		if (!path.endsWith('/api/v1/sync')) {
			const { status, body } = this.other(path);
			return answerOf(status, body);
		}
		const body = Buffer.from(request.body ?? '');
		const zipped = request.headers?.['Content-Encoding'] === 'gzip';
		const { status, body: text } = this.receiver.take((zipped ? gunzipSync(body) : body).toString());
		if (fault?.kind === 'lost') throw new HttpError('timeout', 'receiver did not answer');
		return answerOf(status, text);
	}

	close(): void {
		this.closed = true;
	}
}

function answerOf(status: number, body: string, headers: Record<string, string> = {}): HttpAnswer {
	return { status, headers, body: Buffer.from(body), firstByteMono: 0 };
}
