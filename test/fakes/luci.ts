// A router's web server as far as LuCI goes: what each OpenWrt release has (doors, cookies, tokens, rights), built
// on the recorded answers, with faults to switch on. Writes every answer byte by byte where a test wants it cut.
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { certificate, key } from './certificate.ts';
import { type LuciRelease, releases } from './lucirelease.ts';

export interface FakeDevice {
	rx: bigint;
	tx: bigint;
	ifindex: number;
}

/** What a test may look for afterwards: everything the router was sent. */
export interface Heard {
	readonly secure: boolean;
	readonly method: string;
	readonly url: string;
	readonly cookie: string | undefined;
	readonly body: string;
}

interface Answer {
	status: number;
	headers: Record<string, string>;
	body: string;
}

type Json = { [name: string]: unknown };

const page = (title: string, inputs = '') =>
	`<!DOCTYPE html>\n<html lang="en" >\n<head><title>OpenWrt | ${title}</title></head>\n<body><form method="post">${inputs}</form></body></html>`;
const fields = '<input type="text" name="luci_username" value="root" /><input type="password" name="luci_password" />';
const submit = '<input type="submit" value="Log in" />';
export const loginPage = page('Overview', fields + submit);
const otpPage = page(
	'Overview',
	`${fields}<input class="cbi-input-text" type="text" name="otp_code" required />${submit}`,
);

/** The recorded answer's body as JSON. */
function recorded(name: string): Json {
	return JSON.parse(JSON.parse(readFileSync(`test/fixtures/openwrt/${name}.json`, 'utf8')).response.body);
}

export class FakeLuci {
	readonly release: LuciRelease;
	readonly heard: Heard[] = [];
	readonly devices = new Map<string, FakeDevice>([
		['eth0', { rx: 1n, tx: 2n, ifindex: 2 }],
		['eth1', { rx: 596n, tx: 682n, ifindex: 3 }],
	]);
	/** The logical interface, its device and lower device; null: no default route. */
	wan: { name: string; l3: string; lower: string; proto: string } | null = {
		name: 'wan',
		l3: 'eth1',
		lower: 'eth1',
		proto: 'static',
	};
	password = 'secret';
	offload: { soft: boolean; hard: boolean } = { soft: false, hard: false };
	/** rpcd is not there. */
	away = false;
	secondFactor = false;
	/** Every plain request is sent to https on the same host, as `redirect_https 1` does; or elsewhere. */
	redirect: string | null = null;
	/** Instead of any answer. */
	instead: Answer | null = null;
	/** Instead of the answers to these paths' beginnings. */
	readonly insteadOf = new Map<string, Answer>();
	/** Seconds of the router's clock; luci-bwc writes a row at each. */
	now = 1_795_405_637;
	/** luci-bwc runs: rows follow the clock. */
	bwc = true;
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
	readonly #rows = new Map<string, unknown[][]>();
	readonly #server;
	readonly #sockets = new Set<Socket>();
	readonly #secure: boolean;
	#made = 0;

	constructor(release: keyof typeof releases, { secure = false }: { secure?: boolean } = {}) {
		this.release = structuredClone<LuciRelease>(releases[release]);
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

	grow(name: string, rx: bigint, tx: bigint): void {
		const device = this.devices.get(name)!;
		device.rx += rx;
		device.tx += tx;
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
				.map((id) => this.#iface(id));
			return { status: 200, headers: json, body: encode(entries) };
		}
		const rows = /^admin\/status\/realtime\/bandwidth_status\/(.+)$/.exec(path);
		if (rows && this.release.lua) {
			return { status: 200, headers: json, body: encode(this.#bwcRows(decodeURIComponent(rows[1]!), 32)) };
		}
		if (/^admin\/(status|network|system)/.test(path)) {
			return { status: 200, headers: { 'Content-Type': 'text/html' }, body: page('Load') };
		}
		return { status: 404, headers: { 'Content-Type': 'text/html' }, body: page('Not Found') };
	}

	#iface(id: string): Json {
		const wan = this.wan;
		const device = wan && id === wan.name ? this.devices.get(wan.l3) : undefined;
		if (!wan || !device) return { id, name: id, type: 'ethernet' };
		return {
			id,
			proto: wan.proto,
			uptime: 310,
			gwaddr: '203.0.113.1',
			name: wan.l3,
			type: 'ethernet',
			ifname: wan.l3,
			is_up: true,
			rx_bytes: device.rx,
			tx_bytes: device.tx,
			rx_packets: device.rx / 1000n,
			tx_packets: device.tx / 1000n,
			subdevices: [],
		};
	}

	/** A call adds the row of now while the daemon runs; rows of before stay. */
	#bwcRows(name: string, bits: 32 | 64): unknown[][] {
		const rows = this.#rows.get(name) ?? [];
		const device = this.devices.get(name);
		if (this.bwc && device && rows[rows.length - 1]?.[0] !== this.now) {
			const bytes = (value: bigint) => BigInt.asUintN(bits, value);
			rows.push([this.now, bytes(device.rx), bytes(device.rx / 1000n), bytes(device.tx), bytes(device.tx / 1000n)]);
		}
		this.#rows.set(name, rows.slice(-60));
		return rows;
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
		return result(...this.#ubus(`${object} ${method}`, args));
	}

	#loggedIn(): Json {
		const [, data] = recorded(`${this.release.recorded}/ubus-login`).result as [number, Json];
		const { acls } = data as { acls: Json };
		return { ...data, ubus_rpc_session: this.#newSession('rpc'), acls: { ...acls, ubus: this.release.rights } };
	}

	#ubus(call: string, args: Json): unknown[] {
		const name = String(args.name ?? args.device);
		const device = this.devices.get(name);
		if (call === 'network.interface dump') return [0, this.#dump()];
		if (call === 'network.device status') return device ? [0, deviceStatus(device)] : [2];
		if (call === 'luci-rpc getNetworkDevices') return [0, this.#networkDevices()];
		if (call === 'luci getRealtimeStats') return [0, { result: this.#bwcRows(name, 64) }];
		if (call === 'uci get') {
			const flag = (on: boolean) => (on ? '1' : '0');
			const { soft, hard } = this.offload;
			return [0, { values: { cfg01: { flow_offloading: flag(soft), flow_offloading_hw: flag(hard) } } }];
		}
		return [3];
	}

	#dump(): Json {
		const [, data] = recorded(`${this.release.recorded}/ubus-dump`).result as [number, Json];
		const entries = (data.interface as Json[]).filter((entry) => entry.interface === 'lan');
		const model = (data.interface as Json[]).find((entry) => entry.interface === 'wan')!;
		const { wan } = this;
		const ours = wan && { ...model, interface: wan.name, l3_device: wan.l3, device: wan.lower, proto: wan.proto };
		return { interface: ours ? [...entries, ours] : entries };
	}

	#networkDevices(): Json {
		const [, data] = recorded(`${this.release.recorded}/ubus-getNetworkDevices`).result as [number, Json];
		const model = data.eth1 as Json;
		const entries = [...this.devices].map(([name, device]) => {
			const stats = { ...(model.stats as Json), ...statistics(device) };
			return [name, { ...model, name, ifindex: device.ifindex, stats }];
		});
		return Object.fromEntries(entries);
	}
}

function deviceStatus(device: FakeDevice): Json {
	const [, data] = recorded('http/ubus-device-status').result as [number, Json];
	return { ...data, statistics: { ...(data.statistics as Json), ...statistics(device) } };
}

function statistics({ rx, tx }: FakeDevice): Json {
	return { rx_bytes: rx, tx_bytes: tx, rx_packets: rx / 1000n, tx_packets: tx / 1000n };
}

/** JSON with bigints as the bare, signed 64-bit integers that ubus prints. */
function encode(value: unknown): string {
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
