// Why there was no HTTP answer: a stable code for the program and a sentence for the user, without secrets.
import { CertificateError } from './certificate.ts';

export type HttpErrorCode =
	| 'timeout'
	| 'refused'
	| 'unreachable'
	| 'name'
	| 'reset'
	| 'certificate'
	| 'tls'
	| 'too-large'
	| 'protocol'
	| 'stopped'
	| 'failed';

/** Why there is no answer. The message is a sentence for the user; `code` is stable. */
export class HttpError extends Error {
	readonly code: HttpErrorCode;
	/** SHA-256 of the certificate that was seen (`AB:CD:...`), with code `certificate`. */
	readonly fingerprint: string | null;

	constructor(code: HttpErrorCode, message: string, fingerprint: string | null = null) {
		super(message);
		this.code = code;
		this.fingerprint = fingerprint;
	}
}

/** Any error of node's sockets, TLS or HTTP, told as ours; `name` is who was talked to. */
export function asHttpError(error: Error & { code?: unknown }, name: string): HttpError {
	if (error instanceof HttpError) return error;
	if (error instanceof CertificateError) {
		return new HttpError('certificate', `the certificate of ${name} ${error.message}`, error.fingerprint);
	}
	const code = String(error.code ?? '');
	if (code === 'ECONNREFUSED') return new HttpError('refused', `${name} refused the connection`);
	if (/^(ENOTFOUND|EAI_|ENODATA)/.test(code)) return new HttpError('name', `the name ${name} cannot be resolved`);
	if (/^(ENOENT|EACCES|EPERM|ENOTSOCK)$/.test(code))
		return new HttpError('refused', `${name} cannot be opened (${code})`);
	if (/^E(HOSTUNREACH|NETUNREACH|HOSTDOWN|NETDOWN|TIMEDOUT|ADDRNOTAVAIL|INVAL)$/.test(code)) {
		return new HttpError('unreachable', `${name} cannot be reached (${code})`);
	}
	if (/^(ECONNRESET|EPIPE|ECONNABORTED)$/.test(code)) return new HttpError('reset', `${name} closed the connection`);
	if (code.startsWith('HPE_')) return new HttpError('protocol', `${name} does not speak HTTP (${code})`);
	if (/^(ERR_SSL_|ERR_TLS_|EPROTO)/.test(code)) return new HttpError('tls', `no TLS with ${name} (${code})`);
	return new HttpError('failed', `${name}: the request failed (${code || error.name})`);
}
