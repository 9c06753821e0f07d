// A router's web server as far as LuCI goes: what each OpenWrt release has (doors, cookies, tokens, rights), built
// on the recorded answers, with faults to switch on. Writes every answer byte by byte where a test wants it cut.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { type Answer, encode, rawAnswer, writePieces } from './answer.ts';
import { certificate, key } from './certificate.ts';
import { releases } from './lucirelease.ts';
import { type Json, LuciRouter } from './lucirouter.ts';

/** What a test may look for afterwards: everything the router was sent. */
export interface Heard {
	readonly secure: boolean;
	readonly method: string;
	readonly url: string;
	readonly cookie: string | undefined;
	readonly body: string;
}

const page = (title: string, inputs = '') =>
	`<!DOCTYPE html>\n<html lang="en" >\n<head><title>OpenWrt | ${title}</title></head>\n<body><form method="post">${inputs}</form></body></html>`;
const fields = '<input type="text" name="luci_username" value="root" /><input type="password" name="luci_password" />';
const submit = '<input type="submit" value="Log in" />';
export const loginPage = page('Overview', fields + submit);
const otpPage = page(
	'Overview',
	`${fields}<input class="cbi-input-text" type="text" name="otp_code" required />${submit}`,
);

export class FakeLuci extends LuciRouter {
	readonly heard: Heard[] = [];
	password = 'secret';
	/** rpcd is not there. */
	away = false;
	secondFactor = false;
	/** Every plain request is sent to https on the same host, as `redirect_https 1` does; or elsewhere. */
	redirect: string | null = null;
	/** Instead of any answer. */
	instead: Answer | null = null;
	/** Instead of the answers to these paths' beginnings. */
	readonly insteadOf = new Map<string, Answer>();
	/** Is awaited before an answer is written. */
	hold: (() => Promise<void>) | null = null;
	/** Writes an answer's bytes in pieces that end at these places. */
	cuts: readonly number[] | 'every' | null = null;
	/** Sends only so many bytes of each answer, then closes. */
	breakAfter: number | null = null;
	/** Damages an answer's bytes before they are sent. */
	damage: ((bytes: Buffer) => Buffer) | null = null;
	/** Closes the kept connection after each answer, without telling. */
	closes = false;
	readonly #sessions = new Set<string>();
	readonly #server;
	readonly #sockets = new Set<Socket>();
	readonly #secure: boolean;
	#made = 0;

	constructor(release: keyof typeof releases, { secure = false }: { secure?: boolean } = {}) {
		super(releases[release]);
		this.#secure = secure;
		const listener = (request: IncomingMessage, response: ServerResponse) => this.#hear(request, response);
		this.#server = secure ? createTlsServer({ cert: certificate, key }, listener) : createServer(listener);
		this.#server.on('connection', (socket: Socket) => {
			this.#sockets.add(socket);
			socket.on('error', () => {});
			socket.on('close', () => this.#sockets.delete(socket));
		});
	}

	async start(port = 0, host = '127.0.0.1'): Promise<this> {
		await new Promise<void>((resolve, reject) => {
			this.#server.once('error', reject);
			this.#server.listen(port, host, resolve);
		});
		return this;
	}

	get url(): string {
		const { address, port } = this.#server.address() as AddressInfo;
		return `${this.#secure ? 'https' : 'http'}://${address}:${port}`;
	}

	async stop(): Promise<void> {
		for (const socket of this.#sockets) socket.destroy();
		await new Promise((resolve) => this.#server.close(resolve));
	}

	/** As a restart of rpcd does. */
	expireSessions(): void {
		this.#sessions.clear();
	}

	/** How many logins were tried. */
	get logins(): number {
		return this.heard.filter(({ body }) => /"login"|luci_password/.test(body)).length;
	}

	#hear(request: IncomingMessage, response: ServerResponse): void {
		const chunks: Buffer[] = [];
		request.on('data', (chunk) => chunks.push(chunk));
		request.on('error', () => {});
		request.on('end', async () => {
			const heard: Heard = {
				secure: this.#secure,
				method: request.method ?? '',
				url: request.url ?? '',
				cookie: request.headers.cookie,
				body: Buffer.concat(chunks).toString(),
			};
			this.heard.push(heard);
			const answer = this.#answer(heard, request.headers.host ?? '');
			await this.hold?.();
			this.#write(response, answer);
		});
	}

	#write(response: ServerResponse, { status, headers, body }: Answer): void {
		const socket = response.socket;
		if (!socket) return;
		if (this.cuts === null && this.breakAfter === null && this.damage === null) {
			response.writeHead(status, headers);
			response.end(body, () => {
				if (this.closes) socket.destroy();
			});
			return;
		}
		const whole = rawAnswer({ status, headers, body });
		const bytes = this.damage ? this.damage(whole) : whole;
		if (this.breakAfter !== null) {
			socket.end(bytes.subarray(0, this.breakAfter));
			return;
		}
		const ends = this.cuts === 'every' ? [...bytes.keys()] : (this.cuts ?? []);
		void writePieces(socket, bytes, ends);
	}

	#answer(heard: Heard, host: string): Answer {
		if (this.redirect && !this.#secure) {
			const to = this.redirect === 'https' ? `https://${host.replace(/:\d+$/, '')}` : this.redirect;
			return { status: 307, headers: { Location: to + heard.url }, body: '' };
		}
		if (this.instead) return this.instead;
		for (const [path, answer] of this.insteadOf) if (heard.url.startsWith(path)) return answer;
		const { release } = this;
		const luci = heard.url.startsWith('/cgi-bin/luci');
		if (/^\/ubus\/?$/.test(heard.url) && release.ubus) {
			return heard.method === 'POST' ? this.#rpc(heard, null) : { status: 404, headers: {}, body: '' };
		}
		if (!luci) return { status: 404, headers: { 'Content-Type': 'text/html' }, body: '<h1>Not Found</h1>' };
		if (heard.body.includes('luci_password=')) return this.#form(heard);
		const session = this.#cookieSession(heard);
		if (heard.url === '/cgi-bin/luci/admin/ubus' && (release.gateway === 'open' || (release.gateway && session))) {
			return this.#rpc(heard, session);
		}
		if (!session) return this.#loginAgain(heard);
		return this.#page(heard.url);
	}

	/** A page without a session. */
	#loginAgain({ url }: Heard): Answer {
		const headers: Record<string, string> = { 'Content-Type': 'text/html' };
		if (this.release.stok && url.includes(';stok=')) {
			headers['Set-Cookie'] = 'sysauth=; expires=Thu, 01 Jan 1970 01:00:00 GMT; path=/cgi-bin/luci/';
			headers.Location = '/cgi-bin/luci/';
			return { status: 302, headers, body: '' };
		}
		if (this.release.tellsLogin) headers['X-LuCI-Login-Required'] = 'yes';
		return { status: 403, headers, body: loginPage };
	}

	#form({ url, body }: Heard): Answer {
		const form = new URLSearchParams(body);
		const headers: Record<string, string> = { 'Content-Type': 'text/html; charset=UTF-8' };
		const right = form.get('luci_username') === 'root' && form.get('luci_password') === this.password;
		if (!right) return { status: 403, headers, body: loginPage };
		if (this.secondFactor) return { status: 403, headers, body: otpPage };
		const id = this.#newSession('form');
		const scheme = this.release.cookie === 'scheme' ? `_${this.#secure ? 'https' : 'http'}` : '';
		const stok = this.release.stok ? `;stok=${id}` : '';
		headers['Set-Cookie'] = `sysauth${scheme}=${id}; path=/cgi-bin/luci/${stok}; SameSite=strict; HttpOnly`;
		headers.Location = this.release.stok ? `/cgi-bin/luci/${stok}/` : url;
		return { status: 302, headers, body: '' };
	}

	#cookieSession({ cookie, url }: Heard): string | null {
		const name = this.release.cookie === 'scheme' ? `sysauth_${this.#secure ? 'https' : 'http'}` : 'sysauth';
		const id = new RegExp(`(?:^|; )${name}=(\\w+)`).exec(cookie ?? '')?.[1];
		if (!id || !this.#sessions.has(`form ${id}`)) return null;
		return this.release.stok && !url.includes(`/;stok=${id}/`) ? null : id;
	}

	#newSession(kind: 'rpc' | 'form'): string {
		this.#made += 1;
		const id = this.#made.toString(16).padStart(32, '5e551');
		this.#sessions.add(`${kind} ${id}`);
		return id;
	}

	/** Lua LuCI's two pages; everything else is some HTML page with status 200, or 404. */
	#page(url: string): Answer {
		const path = url.replace(/^\/cgi-bin\/luci(\/;stok=\w+)?\//, '');
		const json = { 'Content-Type': 'application/json' };
		const status = /^admin\/network\/iface_status\/(.+)$/.exec(path);
		if (status && this.release.lua) {
			const entries = decodeURIComponent(status[1]!)
				.split(',')
				.map((id) => this.iface(id));
			return { status: 200, headers: json, body: encode(entries) };
		}
		const rows = /^admin\/status\/realtime\/bandwidth_status\/(.+)$/.exec(path);
		if (rows && this.release.lua) {
			return { status: 200, headers: json, body: encode(this.bwcRows(decodeURIComponent(rows[1]!), 32)) };
		}
		if (/^admin\/(status|network|system)/.test(path)) {
			return { status: 200, headers: { 'Content-Type': 'text/html' }, body: page('Load') };
		}
		return { status: 404, headers: { 'Content-Type': 'text/html' }, body: page('Not Found') };
	}

	#rpc({ body }: Heard, session: string | null): Answer {
		let value: unknown;
		try {
			value = JSON.parse(body);
		} catch {
			value = null;
		}
		const replies = Array.isArray(value) ? value.map((one) => this.#call(one, session)) : this.#call(value, session);
		return { status: 200, headers: { 'Content-Type': 'application/json' }, body: encode(replies) };
	}

	#call(message: unknown, session: string | null): Json {
		const { id, params } = (message ?? {}) as { id?: unknown; params?: unknown[] };
		const error = (code: number, text: string) => ({ jsonrpc: '2.0', id: id ?? null, error: { code, message: text } });
		if (!Array.isArray(params) || params.length !== 4) return error(-32700, 'Parse error');
		const [sid, object, method, args] = params as [string, string, string, Json];
		const result = (...values: unknown[]) => ({ jsonrpc: '2.0', id, result: values });
		const here =
			object.startsWith('network.') || (!this.away && (object in this.release.rights || object === 'session'));
		if (!here) return error(-32000, 'Object not found');
		const nobody = /^0+$/.test(sid);
		if (object === 'session' && (method === 'login' || method === 'access')) {
			if (method === 'access') return result(0, { 'access-group': { unauthenticated: ['read'] } });
			if (args.username !== 'root' || args.password !== this.password) return result(6);
			return result(0, this.#loggedIn());
		}
		const known = nobody ? session !== null : this.#sessions.has(`rpc ${sid}`);
		if (!known || !this.release.rights[object]?.includes(method)) return error(-32002, 'Access denied');
		return result(...this.ubus(`${object} ${method}`, args));
	}

	#loggedIn(): Json {
		return { ...this.login(), ubus_rpc_session: this.#newSession('rpc') };
	}
}
