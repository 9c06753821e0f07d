// What mihomo's controller answers to plain questions: its version, its proxies' types and DIRECT's id. The secret
// goes in the header only. Every failure is a sentence that says what to look at.
import type { CertificateRule } from '../system/certificate.ts';
import type { Clock } from '../system/clock.ts';
import { HttpClient, type HttpRequest } from '../system/http.ts';
import { HttpError } from '../system/httperror.ts';
import { parseJson } from './snapshot.ts';

/** Where the controller is (`external-controller`, `-tls`, `-unix`) and what it asks for. */
export interface ControllerAddress {
	readonly kind: 'tcp' | 'tls' | 'unix';
	/** Empty for a unix socket. */
	readonly host: string;
	readonly port: number;
	/** Of the unix socket; empty otherwise. */
	readonly socketPath: string;
	/** What stands before `/connections`; empty but behind a reverse proxy. */
	readonly basePath: string;
	/** mihomo's `secret`; null = none. */
	readonly token: string | null;
	readonly certificate: CertificateRule;
}

/** What `/proxies` tells. */
export interface Proxies {
	/** Name -> type, groups included. */
	readonly types: ReadonlyMap<string, string>;
	/** New with each process and each reload; null where the core tells none. */
	readonly directId: string | null;
}

/** A failure in words for the user. */
export class ControllerError extends Error {}

/** A subscription of thousands of nodes, 350 bytes each, is a few MB. */
const maxAnswerBytes = 16 * 1024 * 1024;

export class Controller {
	readonly #address: ControllerAddress;
	readonly #http: HttpClient;
	readonly #timeoutMs: number;

	constructor({ address, clock, timeoutMs }: { address: ControllerAddress; clock: Clock; timeoutMs: number }) {
		this.#address = address;
		this.#http = new HttpClient({ clock, tls: address.certificate });
		this.#timeoutMs = timeoutMs;
	}

	/** `GET /version`. Rejects with `ControllerError` when nothing answers, the secret is wrong, or it is no controller. */
	async version(): Promise<string> {
		const answer = await this.#ask('/version');
		if (answer.status === 401) throw new ControllerError(wrongSecret(this.#address));
		const { version } = objectOf(parseJson(answer.body.toString()));
		if (answer.status !== 200 || typeof version !== 'string') {
			throw new ControllerError(
				`${nameOf(this.#address)} answers, but it is not mihomo's controller (HTTP ${answer.status} to /version): is the port right?`,
			);
		}
		return version.slice(0, 100);
	}

	/** `GET /proxies`; null when the core does not tell (the classes then go by the names). */
	async proxies(): Promise<Proxies | null> {
		const answer = await this.#ask('/proxies').catch((error) => {
			if (error instanceof ControllerError) return null;
			throw error;
		});
		const { proxies } = objectOf(parseJson(answer?.body.toString() ?? ''));
		if (answer?.status !== 200 || proxies === undefined) return null;
		const types = new Map<string, string>();
		for (const [name, proxy] of Object.entries(objectOf(proxies))) {
			const { type } = objectOf(proxy);
			if (typeof type === 'string') types.set(name, type);
		}
		const { id } = objectOf(objectOf(proxies).DIRECT);
		return { types, directId: typeof id === 'string' && id !== '' ? id : null };
	}

	close(): void {
		this.#http.close();
	}

	async #ask(path: string) {
		try {
			return await this.#http.request({
				url: urlOf(this.#address, path),
				headers: authorization(this.#address),
				timeoutMs: this.#timeoutMs,
				maxBytes: maxAnswerBytes,
			});
		} catch (error) {
			throw new ControllerError(explain(this.#address, error));
		}
	}
}

/** The header that carries the secret, or none. Only this spelling of Bearer is taken. */
export function authorization({ token }: ControllerAddress): Record<string, string> {
	return token === null ? {} : { Authorization: `Bearer ${token}` };
}

/** `127.0.0.1:9090`, `[::1]:9090` or the socket's path: for people, without secrets. */
export function nameOf({ kind, host, port, socketPath }: ControllerAddress): string {
	if (kind === 'unix') return socketPath;
	return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether the controller runs on this machine, so that this machine's boot id and processes say something of it. */
export function isLocal({ kind, host }: ControllerAddress): boolean {
	return kind === 'unix' || host === 'localhost' || host === '::1' || /^127\./.test(host);
}

export function wrongSecret(address: ControllerAddress): string {
	const what = address.token === null ? 'it asks for a secret and none is set' : 'the secret is wrong';
	return `${nameOf(address)} answered 401: ${what}; set --mihomo-token to the secret in mihomo's configuration`;
}

/** Any failure to get an answer, with what a user can do about it. */
export function explain(address: ControllerAddress, error: unknown): string {
	if (!(error instanceof HttpError)) return `${nameOf(address)}: ${error instanceof Error ? error.message : 'failed'}`;
	switch (error.code) {
		case 'refused':
			return `${error.message}: is mihomo running, with this external-controller?`;
		case 'certificate':
			return `${error.message}; its SHA-256 is ${error.fingerprint}: put it into --clash-certificate if it is yours`;
		case 'protocol':
		case 'tls':
			return `${error.message}: is this mihomo's controller, and ${address.kind === 'tls' ? 'TLS' : 'plain HTTP'} right?`;
		default:
			return error.message;
	}
}

function urlOf(address: ControllerAddress, path: string): HttpRequest['url'] {
	const whole = address.basePath + path;
	if (address.kind === 'unix') return { socketPath: address.socketPath, path: whole };
	return new URL(`${address.kind === 'tls' ? 'https' : 'http'}://${nameOf(address)}${whole}`);
}

function objectOf(value: unknown): Record<string, unknown> {
	return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
