// Which certificate a TLS server may show: one that the system's CAs vouch for, one with a known fingerprint
// (self-signed, as every router's), or any. Promises that no byte goes out before the certificate was judged.
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';

/** `null` = the system's CAs and the host's name; a fingerprint stands for itself (name and dates do not matter). */
export type CertificateRule = { readonly fingerprint: string } | 'any' | null;

/** SHA-256 fingerprint as people copy it (hex, any case, colons or blanks or neither) -> `AB:CD:...`; null = none. */
export function parseFingerprint(text: string): string | null {
	const hex = text.replace(/^\s*sha-?256(\s+fingerprint)?[=:\s]+/i, '').replace(/[\s:]/g, '');
	return /^[0-9a-f]{64}$/i.test(hex) ? hex.toUpperCase().replace(/..(?=.)/g, '$&:') : null;
}

/** A setting's text -> the rule; '' = the system's CAs; undefined = neither `any` nor a SHA-256 fingerprint. */
export function parseCertificateRule(text: string): CertificateRule | undefined {
	if (text.trim() === '') return null;
	if (text.trim().toLowerCase() === 'any') return 'any';
	const fingerprint = parseFingerprint(text);
	return fingerprint === null ? undefined : { fingerprint };
}

/** The server's certificate is not the one that was asked for, or nobody vouches for it. */
export class CertificateError extends Error {
	/** `AB:CD:...` of what the server showed; null when it showed none. */
	readonly fingerprint: string | null;

	constructor(reason: string, fingerprint: string | null) {
		super(reason);
		this.fingerprint = fingerprint;
	}
}

/**
 * Opens a TLS connection and judges the certificate before anybody can write to it: `done` gets the socket
 * afterwards, or the error, exactly once. The socket that is returned is only for destroying it meanwhile.
 */
export function connectTls(
	to: { readonly host: string; readonly port: number },
	rule: CertificateRule,
	done: (error: Error | null, socket?: TLSSocket) => void,
): TLSSocket {
	// Unauthorized is let through here and judged below, so that the error can tell the fingerprint that was seen.
	const socket = connect({ ...to, rejectUnauthorized: false, ...(isIP(to.host) ? {} : { servername: to.host }) });
	const fail = (error: Error) => {
		socket.removeListener('close', closed);
		socket.on('error', () => {});
		socket.destroy();
		done(error);
	};
	const closed = () => fail(Object.assign(new Error('closed during the TLS handshake'), { code: 'ECONNRESET' }));
	socket.setNoDelay(true);
	socket.once('error', fail);
	socket.once('close', closed);
	socket.once('secureConnect', () => {
		socket.removeListener('error', fail);
		const seen = socket.getPeerCertificate().fingerprint256 ?? null;
		const reason = objection(socket, seen, rule);
		if (reason) return fail(new CertificateError(reason, seen));
		socket.removeListener('close', closed);
		done(null, socket);
	});
	return socket;
}

function objection(socket: TLSSocket, seen: string | null, rule: CertificateRule): string | null {
	if (rule === 'any') return null;
	if (rule !== null) return seen === rule.fingerprint ? null : 'is not the one with the given fingerprint';
	if (socket.authorized) return null;
	const why = String(socket.authorizationError);
	if (/SELF_SIGNED|UNABLE_TO_/.test(why)) return 'is signed by nobody this machine knows';
	if (/ALTNAME/.test(why)) return 'is for another name';
	if (/EXPIRED/.test(why)) return 'has expired';
	if (/NOT_YET_VALID/.test(why)) return 'is not valid yet (is the clock right?)';
	return `is not trusted (${why})`;
}
