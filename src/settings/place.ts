// The kinds of settings that name a place on the network: URLs of the controller, of LuCI and of a master, hosts,
// UDP targets. A secret in a URL is taken out of it here, and is in none of the texts that may be shown.
import { isIPv6 } from 'node:net';
import { type CertificateRule, parseCertificateRule } from '../system/certificate.ts';
import { type BroadcastTarget, parseBroadcastTarget } from '../system/target.ts';
import { type Kind, secret } from './kind.ts';

/** An HTTP server and where its tree begins. */
export interface Endpoint {
	readonly kind: 'tcp' | 'tls';
	/** A name or an address; IPv6 without brackets. */
	readonly host: string;
	readonly port: number;
	/** '' or `/path` without a slash at its end: what stands before `/api/...`. */
	readonly basePath: string;
	/** The same as one URL that holds no secret: for requests, logs and status. */
	readonly url: string;
}

/** mihomo's controller. Its routes are `basePath` + `/connections`, `basePath` + `/proxies`, ... */
export interface ControllerPlace {
	readonly kind: 'tcp' | 'tls' | 'unix';
	/** Empty for a unix socket, and `port` 0. */
	readonly host: string;
	readonly port: number;
	/** Of the unix socket; empty otherwise. */
	readonly socketPath: string;
	readonly basePath: string;
	readonly token: string | null;
	/** Without the token. */
	readonly url: string;
}

/** The UDP port of the server. */
export const udpPort = 17890;
export const controllerPort = 9090;

const schemes: Readonly<
	Record<string, { readonly kind: 'tcp' | 'tls'; readonly http: string; readonly port: number }>
> = {
	ws: { kind: 'tcp', http: 'http', port: 80 },
	http: { kind: 'tcp', http: 'http', port: 80 },
	wss: { kind: 'tls', http: 'https', port: 443 },
	https: { kind: 'tls', http: 'https', port: 443 },
};

/** A URL in an error: without user name, password, query and fragment, whatever else is wrong with it. */
export function withoutSecrets(text: string): string {
	return text.replace(/^([a-z]*:\/\/)?.*@/is, '$1***@').replace(/([?#]).*$/s, '$1***');
}

function parseUrl(text: string): { endpoint: Endpoint; query: URLSearchParams } | undefined {
	const parts = /^([a-z]+):\/\/([^/?#@]+)([^?#]*)(\?[^#]*)?(#.*)?$/.exec(text);
	const scheme = Object.hasOwn(schemes, parts?.[1] ?? '') ? schemes[parts![1]!]! : undefined;
	if (!parts || !scheme) return undefined;
	try {
		const url = new URL(`${scheme.http}://${parts[2]}${parts[3]}${parts[4] ?? ''}`);
		const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
		const port = url.port === '' ? scheme.port : Number(url.port);
		if (port === 0 || url.username !== '' || url.password !== '') return undefined;
		const basePath = url.pathname.replace(/\/+$/, '');
		return {
			endpoint: { kind: scheme.kind, host, port, basePath, url: `${parts[1]}://${url.host}${basePath}` },
			query: url.searchParams,
		};
	} catch {
		return undefined;
	}
}

/** An HTTP server: LuCI's base, a master. */
export const endpoint: Kind<Endpoint> = {
	name: 'URL',
	allowed: 'a URL that begins with http:// or https://, without user name and password',
	show: withoutSecrets,
	parse: (text) => (/^https?:/.test(text) ? parseUrl(text)?.endpoint : undefined),
};

const nowhere = { host: '', port: 0, socketPath: '', basePath: '' };
/** The old program's URL ends in the route; what stands before it is a reverse proxy's. */
const route = /\/connections$/;

export const controller: Kind<ControllerPlace> = {
	name: 'URL',
	allowed: 'a URL that begins with ws://, wss://, http:// or https://, or unix:/path/of/a/socket, without a user name',
	show: withoutSecrets,
	parse(text) {
		const unix = /^unix:(?:\/\/)?(\/[^?#\u0000-\u001f\u007f]+)(\?[^#]*)?$/.exec(text);
		const parsed = unix ? { endpoint: null, query: new URLSearchParams(unix[2] ?? '') } : parseUrl(text);
		const token = parsed && tokenOf(parsed.query);
		if (!parsed || token === undefined) return undefined;
		if (!parsed.endpoint) {
			const socketPath = unix![1]!;
			return { ...nowhere, kind: 'unix', socketPath, token, url: `unix:${socketPath}` };
		}
		const { basePath, url } = parsed.endpoint;
		return {
			...nowhere,
			...parsed.endpoint,
			basePath: basePath.replace(route, ''),
			url: url.replace(route, ''),
			token,
		};
	},
};

/** null = none; undefined = one that could not be sent. */
function tokenOf(query: URLSearchParams): string | null | undefined {
	const token = query.get('token');
	if (token === null || token === '') return null;
	return secret.parse(token);
}

/** The controller of `--mihomo-host` and `--mihomo-port`. */
export function controllerAt(host: string, port: number): ControllerPlace {
	const shown = isIPv6(host) ? `[${host}]` : host;
	return { ...nowhere, kind: 'tcp', host, port, token: null, url: `ws://${shown}:${port}` };
}

const hostName =
	/^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*\.?$/;

/** A name or an address, IPv6 with or without brackets (they are taken off). */
export const host: Kind<string> = {
	name: 'HOST',
	allowed: 'a host name or an address, without scheme and port',
	show: withoutSecrets,
	parse(text) {
		const bare = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
		return isIPv6(bare) || (bare === text && hostName.test(text)) ? bare : undefined;
	},
};

/** `HOST`, `HOST:PORT`, `[IPv6]`, `[IPv6]:PORT`, or an IPv6 address alone. undefined = refused. */
export function parseHostAndPort(text: string, defaultPort: number): { host: string; port: number } | undefined {
	const split = isIPv6(text) ? null : /^(.*):(\d{1,5})$/.exec(text);
	const found = host.parse(split ? split[1]! : text);
	const port = split ? Number(split[2]) : defaultPort;
	return found !== undefined && port >= 1 && port <= 65535 ? { host: found, port } : undefined;
}

export const broadcastTarget: Kind<BroadcastTarget> = {
	name: 'TARGET',
	allowed: 'an interface, "lan" or an IP address, each with an optional :PORT, and "old:" before it for old displays',
	parse(text) {
		const target = parseBroadcastTarget(text);
		return typeof target === 'string' ? undefined : target;
	},
};

/** Never null: an absent setting is the system's CAs. */
export const certificate: Kind<NonNullable<CertificateRule>> = {
	name: 'SHA256',
	allowed: 'any, or a SHA-256 fingerprint of 64 hex digits (with or without colons)',
	parse: (text) => parseCertificateRule(text) ?? undefined,
};
